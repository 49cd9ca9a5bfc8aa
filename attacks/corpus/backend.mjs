import { setTimeout as sleep } from 'node:timers/promises'
import { call, OWN, sessionOf, signedIn, stage, Window, withShortTokens } from '../application.mjs'
import { ath, newKey, proof, signed } from '../thief.mjs'
import { tokensOf } from '../world.mjs'

const BFF = 'packages/bff/dist'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const HOURS = 3600

/** In one process requests wait for each other; among processes they wait for the lock. */
const NO_WAITING = { file: `${BFF}/sessions/flights.js`, find: 'if (other === undefined)', put: 'if (true)' }
const NO_LOCK = {
  file: `${BFF}/sessions/lease.js`,
  find: 'if (refreshing !== undefined && refreshing.by !== this.#me && refreshing.until > clock.now())',
  put: 'if (false)',
}

/** The session's token is over, and all of these come at once. @returns how many refreshes that took */
async function storm(world, nodes) {
  const browser = await withShortTokens(world, () => signedIn(world))
  await sleep(1100)
  const counted = async () => (await Promise.all(nodes.map((node) => stage(node, 'refreshes')))).reduce((sum, one) => sum + one)
  const before = await counted()
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => call(world, browser, { node: nodes[i % nodes.length] })))
  const refreshes = (await counted()) - before
  const good = answers.filter(({ status }) => status === 200).length
  return { won: refreshes !== 1 || good !== 40, how: `${refreshes} refreshes for 40 calls, ${good} of them answered` }
}

export const attacks = [
  {
    id: 'A60',
    title: 'many people at once while their tokens are renewed: an API hears of somebody else',
    weakening: [
      { file: `${BFF}/sessions/flights.js`, find: 'this.#under.get(id)', put: "this.#under.get('')" },
      { file: `${BFF}/sessions/flights.js`, find: 'this.#under.set(id,', put: "this.#under.set(''," },
      { file: `${BFF}/sessions/flights.js`, find: 'const settled = await look()', put: 'const settled = outcome' },
    ],
    async attack(world) {
      const names = ['victim', 'other', 'leaver']
      return withShortTokens(world, async () => {
        const people = await Promise.all(names.map(async (name) => ({ browser: await signedIn(world, name) })))
        for (const person of people) person.subject = (await sessionOf(world, person.browser)).claims.sub
        const wrong = []
        for (let round = 0; round < 5; round++) {
          await sleep(400)
          const calls = people.flatMap(({ browser, subject }) =>
            Array.from({ length: 10 }, async () => {
              const { status, text } = await call(world, browser)
              if (status === 200 && text !== subject) wrong.push(text)
            }),
          )
          await Promise.all(calls)
        }
        return { won: wrong.length > 0, how: `${wrong.length} of 150 calls were made as somebody else` }
      })
    },
  },
  {
    id: 'A62-parallel',
    title: 'forty calls at the end of a token are more than one refresh',
    weakening: [NO_WAITING, NO_LOCK],
    attack: async (world) => storm(world, [(await world.backend())[0]]),
  },
  {
    id: 'A62-nodes',
    title: 'forty calls at two nodes are more than one refresh, or one that fails',
    weakening: [NO_LOCK],
    attack: async (world) => storm(world, await world.backend()),
  },
  {
    id: 'A62-absolute',
    title: 'a session that is used all the time lives for ever',
    weakening: [
      { file: `${BFF}/sessions/stored-sessions.js`, find: 'Math.min(clock.now() + idle, session.endsAt)', put: 'clock.now() + idle' },
      { file: `${BFF}/sessions/session-checks.js`, find: "{ name: 'absolute end', rule: 'BFF-06', check: checkAbsoluteEnd },", put: '' },
      { file: `${BFF}/sessions/lease.js`, find: 'Math.min(clock.now() + idle, session.endsAt)', put: 'clock.now() + idle' },
    ],
    async attack(world) {
      const own = await world.another()
      try {
        const browser = await signedIn(own)
        for (let passed = 0; passed < 7.75 * HOURS; passed += 0.25 * HOURS) {
          await own.later(passed)
          const { status } = await call(own, browser)
          if (status !== 200) return { won: undefined, how: `after ${passed / HOURS} hours the call was answered ${status}` }
        }
        await own.later(7.9 * HOURS)
        await call(own, browser)
        await own.later(8.1 * HOURS)
        const { status } = await call(own, browser)
        return { won: status === 200, how: `after eight hours the call is answered ${status}` }
      } finally {
        await own.stop()
      }
    },
  },
  {
    id: 'A62-header',
    title: 'another site has the browser ask for the person’s data, or send a form',
    weakening: [{ file: `${BFF}/csrf.js`, find: "{ name: 'csrf header', rule: 'BFF-32', check: checkHeader }", put: '' }],
    async attack(world) {
      const browser = await signedIn(world)
      const tried = []
      const { 'x-holdfast-csrf': _, ...without } = OWN
      for (const [name, init] of [
        ['GET', { headers: {} }],
        ['GET of an old browser', { headers: without }],
        ['POST without a body', { method: 'POST', headers: {} }],
        ['another value', { headers: { ...OWN, 'x-holdfast-csrf': '' } }],
      ]) {
        const { status } = await call(world, browser, init)
        if (status === 200) return { won: true, how: `${name}: 200` }
        tried.push(`${name} ${status}`)
      }
      return { won: false, how: tried.join(', ') }
    },
  },
  {
    id: 'A62-sibling',
    title: 'a sub-domain beside the application sends what only its own pages may',
    weakening: [
      { file: `${BFF}/csrf.js`, find: "{ name: 'Origin', rule: 'BFF-34', check: checkOwnOrigin },", put: '' },
      { file: `${BFF}/csrf.js`, find: "{ name: 'Fetch Metadata', rule: 'BFF-34', check: checkOwnSite },", put: '' },
    ],
    others: [[{ file: `${BFF}/csrf.js`, find: "{ name: 'Fetch Metadata', rule: 'BFF-34', check: checkOwnSite },", put: '' }]],
    async attack(world) {
      const browser = await signedIn(world)
      const tried = []
      for (const headers of [
        { ...OWN, 'sec-fetch-site': 'same-site' },
        { ...OWN, 'sec-fetch-site': 'cross-site' },
        { ...OWN, 'sec-fetch-site': 'same-site', origin: 'https://evil.shop.example' },
      ]) {
        const { status } = await call(world, browser, { headers })
        if (status === 200) return { won: true, how: `${JSON.stringify(headers)}: 200` }
        tried.push(status)
      }
      return { won: false, how: tried.join(', ') }
    },
  },
  {
    id: 'A62-logout-link',
    title: 'a link of somebody else signs a person out',
    weakening: [{ file: `${BFF}/endpoints/logout.js`, find: 'settings.seals.isTokenFor(token, session.id)', put: 'true' }],
    async attack(world) {
      const [browser, thief] = [await signedIn(world), await signedIn(world, 'other')]
      const { logout_url: link } = await sessionOf(world, thief)
      const answers = [await browser.go(world.app + link), await browser.go(`${world.app}/bff/logout`, { method: 'POST' })]
      const { active } = await sessionOf(world, browser)
      return { won: !active, how: `the link of another ${answers[0].status}, none ${answers[1].status}; signed in ${active}` }
    },
  },
  {
    id: 'A62-forged-logout',
    title: 'a forged logout token ends a person’s session',
    weakening: [
      { file: `${BFF}/authorization-server/logout-token.js`, find: 'link.keysOf(server)', put: 'link.settings.anyKey' },
      {
        file: `${BFF}/authorization-server/logout-token.js`,
        find: "import { compactVerify, decodeJwt, errors } from 'jose';",
        put: "import { decodeJwt, decodeProtectedHeader, errors } from 'jose';\nconst compactVerify = (token) => ({ protectedHeader: decodeProtectedHeader(token) });",
      },
    ],
    async attack(world) {
      const browser = await signedIn(world)
      const { claims } = await sessionOf(world, browser)
      const content = { iss: world.issuer, aud: 'app', sub: claims.sub, events: { [EVENT]: {} } }
      const tried = []
      for (const [name, token] of [
        ['by our own key', await signed(world.keys.app, content, { typ: 'logout+jwt' })],
        ['by no key', unsigned(content)],
      ]) {
        const sent = { method: 'POST', body: new URLSearchParams({ logout_token: token }) }
        const { status } = await fetch(`${world.app}/bff/backchannel-logout`, sent)
        tried.push(`${name} ${status}`)
      }
      const { active } = await sessionOf(world, browser)
      return { won: !active, how: `${tried.join(', ')}; signed in ${active}` }
    },
  },
  {
    id: 'A62-elsewhere',
    title: 'a link to sign in leads to another site in the end',
    weakening: [
      {
        file: `${BFF}/return-path.js`,
        find: 'if (text.length > LONGEST',
        put: 'return text;\n    if (text.length > LONGEST',
      },
    ],
    async attack(world) {
      await world.backend()
      const tried = []
      for (const to of [
        '//evil.example',
        '/\\evil.example',
        '/\t/evil.example',
        '/.//evil.example',
        'https://evil.example',
        'javascript:alert(1)',
      ]) {
        const { status } = await new Window().go(`${world.app}/bff/login?return_to=${encodeURIComponent(to)}`)
        if (status === 303) return { won: true, how: `${to}: a sign-in begins that ends there` }
        tried.push(status)
      }
      return { won: false, how: tried.join(', ') }
    },
  },
  {
    id: 'A62-path',
    title: 'a path leads past the API to what stands beside it',
    weakening: [
      { file: `${BFF}/proxy/target.js`, find: 'if (fault !== undefined)\n        return refused(fault);', put: '' },
      {
        file: `${BFF}/proxy/target.js`,
        find: 'url.pathname !== expected',
        put: 'false',
      },
    ],
    async attack(world) {
      const browser = await signedIn(world)
      const tried = []
      for (const more of [
        '/../../internal',
        '/%2e%2e/%2e%2e/internal',
        '/..%2f..%2finternal',
        '/%252e%252e/%252e%252e/internal',
        '/..;/..;/internal',
        '//internal',
      ]) {
        const { status, text } = await call(world, browser, { path: `/api/accounts${more}` })
        if (text === 'what is internal') return { won: true, how: `${more}: ${text}` }
        tried.push(`${more} ${status}`)
      }
      return { won: false, how: tried.join(', ') }
    },
  },
  {
    id: 'A69-backend',
    title: 'a stolen token is shown to the backend, which would prove it for the thief',
    weakening: [
      { file: `${BFF}/proxy/forward.js`, find: "if (first.kind === 'refused')", put: 'if (false)' },
      {
        file: `${BFF}/proxy/request-headers.js`,
        find: "headers.set('accept-encoding', 'identity');",
        put: "headers.set('accept-encoding', 'identity');\n    for (const name of ['authorization', 'dpop'])\n        for (const value of request.headers(name))\n            headers.set(name, value);",
      },
    ],
    async attack(world) {
      await world.backend()
      const key = await newKey()
      const { access_token: token } = await tokensOf(world, key)
      const right = await proof(key, 'GET', world.api, { claims: { ath: ath(token) } })
      const tried = []
      for (const [name, shown] of [
        ['as Bearer', { authorization: `Bearer ${token}` }],
        ['with a proof for the API', { authorization: `DPoP ${token}`, dpop: right }],
      ]) {
        const { status } = await call(world, new Window(), { headers: { ...OWN, ...shown } })
        if (status === 200) return { won: true, how: `${name}: 200` }
        tried.push(`${name} ${status}`)
      }
      return { won: false, how: tried.join(', ') }
    },
  },
]

function unsigned(content) {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'none', typ: 'logout+jwt' })}.${encode({ ...content, jti: 'forged', iat: now, exp: now + 100 })}.`
}
