import { CIBA, DEVICE_CODE, JWT_BEARER, PARTNER } from '../installation.mjs'
import { answerApproval, answerDevice, askDevice, desk, deskCode, redeemAtDesk, signedInAt } from '../person.mjs'
import { Browser, post, signed, told, VERIFIER } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const DESK = { client_id: 'desk', redirect_uri: 'https://desk.example.com/callback' }

/** One of everything that is under way for a person: allowed and not yet taken, or asked and not yet allowed. */
async function underWay(world, username) {
  const { issuer, keys } = world
  const browser = new Browser()
  const approvals = await signedInAt(world, '/approve', browser, username)
  const pages = { browser, devices: await browser.go(`${issuer}/device`), approvals }
  const ask = async () => {
    const form = { scope: 'openid accounts:read', login_hint: username, binding_message: 'Till 7' }
    return (await post(`${issuer}/backchannel_authentication`, form, desk())).body.auth_req_id
  }
  const allowedCiba = await ask()
  await answerApproval(world, { username })
  const allowedDevice = (await askDevice(world)).body
  await answerDevice(world, allowedDevice.user_code, { username })
  const code = await deskCode(world, {}, username)
  const refresh = (await redeemAtDesk(world, await deskCode(world, {}, username))).body.refresh_token
  const askedCiba = await ask()
  const askedDevice = (await askDevice(world)).body
  // The pages on which the person would say yes stand open.
  pages.approvals = await browser.go(`${issuer}/approve`)
  const url = authorizeUrl(world, { ...DESK, prompt: 'consent' })
  const { location } = await browser.go(url)
  pages.consent = { url: location, page: await browser.go(location) }
  const parameters = new URL(authorizeUrl(world, DESK)).searchParams
  const pushed = (await post(`${issuer}/par`, parameters, desk())).body.request_uri
  const assertion = () => signed(keys.partner, { iss: PARTNER, sub: username, aud: issuer })
  if ([allowedCiba, allowedDevice.device_code, refresh, askedCiba, askedDevice.device_code, pushed].includes(undefined))
    throw new Error('not everything is under way')
  return { username, pages, pushed, code, refresh, allowedCiba, askedCiba, allowedDevice, askedDevice, assertion }
}

/** Tries all of it. @returns the names of those that went through */
async function finish(world, under) {
  const { issuer } = world
  const { pages } = under
  const { browser } = pages
  const passed = []
  const attempt = async (name, send) => {
    const answer = await send()
    if (answer.body?.access_token !== undefined || answer.passed === true) passed.push(name)
  }
  const token = (fields, headers) => () => post(`${issuer}/token`, fields, headers)
  await attempt('the code', token({ grant_type: 'authorization_code', code: under.code, code_verifier: VERIFIER }, desk()))
  await attempt(
    'the device that was allowed',
    token({ grant_type: DEVICE_CODE, client_id: 'tv', device_code: under.allowedDevice.device_code }),
  )
  await attempt('the request elsewhere that was allowed', token({ grant_type: CIBA, auth_req_id: under.allowedCiba }, desk()))
  await attempt('the refresh token', token({ grant_type: 'refresh_token', refresh_token: under.refresh }, desk()))
  await attempt('an assertion', token({ grant_type: JWT_BEARER, assertion: await under.assertion(), scope: 'accounts:read' }, desk()))
  await attempt('the device page', async () => {
    const { last } = await answerDevice(world, under.askedDevice.user_code, { browser, page: pages.devices })
    return { passed: last.text.includes('Your device is connected') }
  })
  await attempt('the page of requests', async () => {
    const { last } = await answerApproval(world, { browser, page: pages.approvals })
    return { passed: last.text.includes('You allowed it') }
  })
  passed.push(...(await redirects(world, under)))
  return { passed, tried: 11 }
}

/** What would send a code through the browser: the page that stands open, a request pushed before, and new ones. */
async function redirects(world, { pages, username, pushed }) {
  const { browser, consent } = pages
  const reference = `${world.issuer}/authorize?${new URLSearchParams({ client_id: 'desk', request_uri: pushed })}`
  const ways = {
    'the request that was pushed': () => browser.go(reference),
    'the consent page': () => browser.submit(consent.page, consent.url, { answer: 'allow' }),
    'a new authorization in the session': () => browser.go(authorizeUrl(world, DESK)),
    'a new sign-in': () => through(world, authorizeUrl(world, DESK), new Browser(), username),
  }
  const passed = []
  for (const [name, go] of Object.entries(ways)) if ((await go()).location?.includes('code=') === true) passed.push(name)
  return passed
}

export const attacks = [
  {
    id: 'A39',
    title: 'CVE-2024-38371: a person whose account is disabled goes on, at the device page and by every grant',
    weakening: [{ file: `${SERVER}/endpoints/person.js`, find: '!person.account.disabled && ', put: '' }],
    others: [
      [{ file: `${SERVER}/grants/first-tokens.js`, find: 'if (account === undefined || account.disabled)', put: 'if (false)' }],
      [{ file: `${SERVER}/grants/refresh-token.js`, find: 'if (account === undefined || account.disabled)', put: 'if (false)' }],
      [{ file: `${SERVER}/grants/jwt-bearer.js`, find: '|| account.disabled)', put: ')' }],
      [{ file: `${SERVER}/interaction/next-step.js`, find: '|| person.account.disabled)', put: ')' }],
      [
        { file: 'packages/accounts/dist/accounts.js', find: '|| record.value.disabled)', put: ')' },
        { file: 'packages/accounts/dist/accounts.js', find: '!now.value.disabled && ', put: '' },
        { file: `${SERVER}/interaction/next-step.js`, find: '|| person.account.disabled)', put: ')' },
      ],
    ],
    async attack(world) {
      const under = await underWay(world, 'leaver')
      await world.setDisabled('leaver', true)
      try {
        const { passed, tried } = await finish(world, under)
        const asked = await post(
          `${world.issuer}/backchannel_authentication`,
          { scope: 'openid', login_hint: 'leaver', binding_message: 'Till 7' },
          desk(),
        )
        if (asked.status === 200) passed.push('being asked elsewhere')
        return { won: passed.length > 0, how: passed.length > 0 ? passed.join(', ') : `${tried + 1} ways, all refused` }
      } finally {
        await world.setDisabled('leaver', false)
      }
    },
  },
  {
    id: 'A40',
    title: 'CVE-2026-33132: a client that was switched off, or may not use a grant any more, goes on with what it began',
    weakening: [{ file: `${SERVER}/client-authentication/clients.js`, find: 'configured.client.disabled ? undefined :', put: '' }],
    others: [
      [{ file: `${SERVER}/endpoints/token.js`, find: 'if (!client.grantTypes.includes(type))', put: 'if (false)' }],
      [{ file: `${SERVER}/authorization/asked.js`, find: 'if (!client.grantTypes.includes(grantType))', put: 'if (false)' }],
      // A request that goes on is not looked at again.
      [
        {
          file: `${SERVER}/endpoints/outdated.js`,
          find: 'const changed =',
          put: 'if (true)\n        return undefined;\n    const changed =',
        },
      ],
    ],
    async attack(world) {
      const address = ['https://new.example.com/callback']
      const changes = {
        'switched off': (client) => ({ ...client, disabled: true }),
        'without its grants': (client) => ({
          ...client,
          grant_types: client.client_id === 'tv' ? ['authorization_code'] : ['client_credentials'],
          redirect_uris: address,
          backchannel_token_delivery_mode: undefined,
        }),
        // The code that it has is its own still; no other one goes to the old address.
        'at another address': (client) => (client.client_id === 'tv' ? client : { ...client, redirect_uris: address }),
      }
      const won = []
      for (const [name, change] of Object.entries(changes)) {
        const moved = name === 'at another address'
        const under = await underWay(world, 'victim')
        await world.restart((written) => ({
          ...written,
          clients: written.clients.map((one) => (one.client_id === 'desk' || one.client_id === 'tv' ? change(one) : one)),
        }))
        try {
          const passed = moved ? [] : [...(await finish(world, under)).passed, ...(await begin(world, name))]
          won.push(...[...passed, ...(await redirects(world, under))].map((way) => `${name}: ${way}`))
        } finally {
          await world.restart()
        }
      }
      return { won: won.length > 0, how: won.length > 0 ? won.join(', ') : 'three changes, all refused' }
    },
  },
]

/** What such a client would begin anew. */
async function begin(world, change) {
  const { issuer } = world
  const answers = {
    'a device': await askDevice(world),
    'a request elsewhere': await post(`${issuer}/backchannel_authentication`, { scope: 'openid', login_hint: 'victim' }, desk()),
  }
  if (change === 'switched off')
    answers['client_credentials'] = await post(`${issuer}/token`, { grant_type: 'client_credentials', scope: 'accounts:read' }, desk())
  return Object.entries(answers).flatMap(([name, answer]) => (answer.status === 200 ? [`${name} begun: ${told(answer)}`] : []))
}
