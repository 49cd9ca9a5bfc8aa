import { systemClock } from '@holdfast/protocol/time'
import { addStoredClient } from '@holdfast/server'
import { Browser, post, sendJson, VERIFIER } from '../thief.mjs'
import { authorizeUrl, codeOf, through } from '../world.mjs'
import { PASSWORD, SECRET } from '../installation.mjs'

const SERVER = 'packages/server/dist'
const URIS = 'packages/protocol/dist/redirect-uri.js'
const SIGN_IN = `${SERVER}/endpoints/sign-in.js`
const LOGOUT = `${SERVER}/endpoints/end-session-request.js`
const SIGNED_OUT = 'https://portal.example.com/signed-out'

/** What a check for "an address of this site" has let through elsewhere. */
const LOCAL = [
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/\u0000/evil.example',
  '/%09/evil.example',
  '/device/../\t/evil.example',
  '///evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  'https://evil.example',
  'HTTPS://evil.example',
  '@evil.example',
  '.evil.example',
  ':80@evil.example',
  'javascript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,x',
  'device@evil.example',
  '//evil.example/device',
  'https://evil.example/device',
  '__proto__',
  'constructor',
]

/** Near the address that is registered, or of somebody else. */
const HOSTILE = [
  'https://evil.example/signed-out',
  'https://portal.example.com@evil.example/signed-out',
  'https://portal.example.com:443@evil.example/signed-out',
  'https://evil.example/https://portal.example.com/signed-out',
  'https://portal.example.com.evil.example/signed-out',
  'https://portal.example.com\\@evil.example/signed-out',
  'https://portal.example.com/signed-out@evil.example',
  'https://portal.example.com/signed-out/../callback',
  'https://portal.example.com/signed-out?next=https://evil.example',
  'https://portal.example.com/signed-out#https://evil.example',
  'https://portal.example.com:8443/signed-out',
  'https://portal.example.com/signed-out/',
  'https://portal.example.com/Signed-Out',
  'HTTPS://portal.example.com/signed-out',
  'http://portal.example.com/signed-out',
  ' https://portal.example.com/signed-out',
  'https://portal.example.com/signed-out\n',
  'https://desk.example.com/signed-out',
]

/** An ID token of the web client: with it nobody is asked. */
async function webHint(world, username = 'victim') {
  const code = await codeOf(world, { client_id: 'web', redirect_uri: 'https://portal.example.com/callback' }, username)
  const client = { client_id: 'web', client_secret: SECRET }
  const { body } = await post(`${world.issuer}/token`, { grant_type: 'authorization_code', code, code_verifier: VERIFIER, ...client })
  if (body.id_token === undefined) throw new Error(`no ID token: ${body.error}`)
  return body.id_token
}

/** In a browser where nobody is signed in: what comes then is what came after a sign-out. */
const signOut = (world, fields) => new Browser().go(`${world.issuer}/end-session?${new URLSearchParams(fields)}`)

/** Where a browser would go. @returns undefined as long as it is ours */
function elsewhere(world, location) {
  if (location === undefined) return undefined
  const { origin, href } = new URL(location, world.issuer)
  return origin === world.issuer ? undefined : href
}

const PLACE = 'return Object.hasOwn(PLACES, name) ? name : undefined'
const KNOWN = 'Object.hasOwn(PLACES, name)'
const HERE = 'seeOther(addressOf(as, `/${place}`, visit.userCode))'
const ASKED = {
  file: `${SERVER}/endpoints/go-on.js`,
  find: 'seeOther(addressOf(as, `/${purpose.place}`, purpose.userCode), headers)',
  put: 'seeOther(new URL(purpose.place, as.issuer).href, headers)',
}

const local = (check) => ({
  file: SIGN_IN,
  find: PLACE,
  put: `const given = decodeURIComponent(http.path.slice('/sign-in/'.length)); return ${KNOWN} || (${check}) ? given : undefined`,
})

export const attacks = [
  {
    id: 'A17',
    title: 'CVE-2024-39694: the sign-in for a page of this site leads to another one',
    // Anything that begins with a slash.
    weakening: [local("given.startsWith('/')"), { file: SIGN_IN, find: HERE, put: 'seeOther(new URL(place, as.issuer).href)' }],
    others: [
      // The check of the advisory: one slash, and no other one or a backslash after it. Browsers take a tab out of an address.
      [
        local("given.startsWith('/') && !given.startsWith('//') && !given.startsWith('/\\\\')"),
        { file: SIGN_IN, find: HERE, put: 'seeOther(new URL(place, as.issuer).href)' },
      ],
      // Not for whoever is signed in, but after the sign-in.
      [local("given.startsWith('/')"), ASKED],
    ],
    async attack(world) {
      const somebody = new Browser()
      await through(world, authorizeUrl(world), somebody)
      for (const place of LOCAL) {
        const paths = [`/sign-in/${encodeURIComponent(place)}`]
        for (const name of ['fresh', 'user_code', 'return_to', 'returnUrl', 'next'])
          paths.push(`/sign-in/device?${new URLSearchParams({ [name]: place })}`)
        for (const path of paths) {
          const { location } = await somebody.go(`${world.issuer}${path}`)
          const where = elsewhere(world, location)
          if (where !== undefined) return { won: true, how: `${path}: ${where}` }
        }
      }
      // After a sign-in: a few, each takes one.
      const few = LOCAL.slice(0, 6).flatMap((place) => [
        `/sign-in/${encodeURIComponent(place)}`,
        `/sign-in/device?${new URLSearchParams({ user_code: place })}`,
      ])
      for (const path of few) {
        const browser = new Browser()
        const { location: url } = await browser.go(`${world.issuer}${path}`)
        if (url === undefined) continue
        const seen = await browser.submit(await browser.go(url), url, { username: 'victim', password: PASSWORD })
        const where = elsewhere(world, seen.location)
        if (where !== undefined) return { won: true, how: `${path} after the sign-in: ${where}` }
      }
      return { won: false, how: `${LOCAL.length} addresses, as the page and as five parameters, lead nowhere else` }
    },
  },
  {
    id: 'A17-registered',
    title: 'CVE-2024-39694: such an address is taken as redirect URI, or as the place after the sign-out',
    weakening: [
      {
        file: URIS,
        find: 'if (!isAcceptable(requested))\n',
        put: "if (requested.startsWith('/') && !requested.startsWith('//'))\n        return requested;\n    if (!isAcceptable(requested))\n",
      },
    ],
    others: [
      [{ file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: "return uri.startsWith('/') ? uri : matchRedirectUri(uri, same, native);" }],
      // Compared after control characters were taken out, and sent as it came.
      [
        {
          file: LOGOUT,
          find: 'return matchRedirectUri(uri, same, native);',
          put: 'return /[\\x00-\\x1f]/.test(uri) && URL.canParse(uri, postLogoutRedirectUris[0]) ? uri.replaceAll(/[\\x00-\\x1f]/g, "") : matchRedirectUri(uri, same, native);',
        },
      ],
    ],
    async attack(world) {
      const hint = await webHint(world)
      const all = [...LOCAL, ...HOSTILE]
      for (const address of all) {
        const { status, location } = await new Browser().go(authorizeUrl(world, { client_id: 'web', redirect_uri: address }))
        if (status !== 400) return { won: true, how: `redirect_uri ${JSON.stringify(address)}: ${status} to ${location}` }
        const out = await signOut(world, { id_token_hint: hint, post_logout_redirect_uri: address })
        if (out.status !== 400) return { won: true, how: `post_logout_redirect_uri ${JSON.stringify(address)}: ${out.status} to ${out.location}` }
      }
      return { won: false, how: `${all.length} addresses, each 400 at both endpoints` }
    },
  },
  {
    id: 'A16',
    title: 'CVE-2021-29456, CVE-2026-29192: after the sign-out the browser is sent to an address that the client did not register',
    weakening: [{ file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: 'return uri.startsWith(postLogoutRedirectUris[0]) ? uri : undefined;' }],
    others: [
      [{ file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: 'return matchRedirectUri(uri, [uri], native);' }],
      // By its host alone.
      [
        {
          file: LOGOUT,
          find: 'return matchRedirectUri(uri, same, native);',
          put: 'return postLogoutRedirectUris.some((one) => uri.includes(new URL(one).host)) ? uri : undefined;',
        },
      ],
      // What one client registered is good for all.
      [{ file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: "return matchRedirectUri(uri, [...same, 'https://desk.example.com/signed-out'], native);" }],
      // The state is not encoded.
      [
        {
          file: URIS,
          find: 'const query = new URLSearchParams(parameters).toString();',
          put: "const query = Object.entries(parameters).map(([name, value]) => `${name}=${value}`).join('&');",
        },
      ],
    ],
    async attack(world) {
      const hint = await webHint(world)
      const good = await signOut(world, { id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT, state: 's' })
      if (good.location !== `${SIGNED_OUT}?state=s`) throw new Error(`nobody is led back: ${good.status}`)
      for (const address of HOSTILE) {
        for (const who of [{ id_token_hint: hint }, { client_id: 'web' }]) {
          const { status, location } = await signOut(world, { ...who, post_logout_redirect_uri: address })
          if (status !== 400) return { won: true, how: `${JSON.stringify(address)}: ${status} to ${location}` }
        }
      }
      // Nobody vouches for it without a client.
      for (const address of [...HOSTILE, SIGNED_OUT]) {
        const { location, text } = await signOut(world, { post_logout_redirect_uri: address })
        if (location !== undefined || text.includes('logout-continue')) return { won: true, how: `${address} without a client: ${location}` }
      }
      for (const state of ['x&code=stolen', 'x#code=stolen', 'x\r\nlocation: https://evil.example', '@evil.example', '/../..//evil.example']) {
        const { location } = await signOut(world, { id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT, state })
        const { origin, pathname, hash, searchParams } = new URL(location)
        if (`${origin}${pathname}` !== SIGNED_OUT || hash !== '' || searchParams.has('code') || searchParams.get('state') !== state)
          return { won: true, how: `state ${JSON.stringify(state)}: ${location}` }
      }
      return { won: false, how: `${HOSTILE.length} addresses, by hint, by client_id and without; five states` }
    },
  },
  {
    id: 'A16-asked',
    title: 'A16: a link of another site signs somebody out, or sends the browser on, and nobody was asked',
    weakening: [{ file: `${SERVER}/endpoints/end-session.js`, find: 'known: request.hint !== undefined', put: 'known: true' }],
    others: [
      [
        {
          file: `${SERVER}/endpoints/end-session.js`,
          find: 'return confirmPage(as, request, sessions);\n    return ended',
          put: 'return ended(as, http, request, sessions);\n    return ended',
        },
      ],
      // Whose ID token it is does not matter.
      [{ file: LOGOUT, find: 'subject === hint.subject && (hint.sid === undefined || hint.sid === sid)', put: 'true' }],
      [{ file: `${SERVER}/endpoints/end-session.js`, find: 'if (foreign !== undefined)', put: 'if (false)' }],
    ],
    async attack(world) {
      const onwards = { client_id: 'web', post_logout_redirect_uri: SIGNED_OUT }
      const nobody = await signOut(world, onwards)
      if (nobody.location !== undefined) return { won: true, how: 'without a hint the browser is sent on' }
      const hint = await webHint(world, 'other')
      const victim = new Browser()
      await through(world, authorizeUrl(world), victim)
      const isIn = async () => (await victim.go(`${world.issuer}/end-session`)).text.includes('logout-people')
      for (const fields of [onwards, { client_id: 'web' }, {}, { id_token_hint: hint }, { ...onwards, id_token_hint: hint }]) {
        const { location } = await victim.go(`${world.issuer}/end-session?${new URLSearchParams(fields)}`)
        if (location !== undefined || !(await isIn())) return { won: true, how: `by a link: ${Object.keys(fields).join(', ') || 'no parameter'}` }
      }
      // What the thief's own page has, posted by a form of another site.
      const thief = new Browser()
      await through(world, authorizeUrl(world), thief, 'other')
      const page = await thief.go(`${world.issuer}/end-session?${new URLSearchParams(onwards)}`)
      const request = /name="request" value="([^"]+)"/.exec(page.text)[1]
      await victim.submit(page, `${world.issuer}/end-session/confirm`, { request, answer: 'allow' })
      return { won: !(await isIn()), how: 'five links, and the form of another browser: still signed in' }
    },
  },
  {
    id: 'A16-stored',
    title: "CVE-2026-29192: an address that may not be registered stands in the store, such as javascript:",
    weakening: [{ file: LOGOUT, find: 'one === uri && redirectUriFault(one, native) === undefined', put: 'one === uri' }],
    others: [
      [
        { file: LOGOUT, find: 'one === uri && redirectUriFault(one, native) === undefined', put: 'one === uri' },
        { file: URIS, find: 'if (!isAcceptable(requested))\n', put: 'if (false)\n' },
      ],
      // Registered today, where no rule is looked at.
      [
        { file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: 'return uri;' },
        { file: `${SERVER}/config/logout-rules.js`, find: 'if (wrong !== undefined)\n                    fault(`post', put: 'if (false)\n                    fault(`post' },
      ],
    ],
    async attack(world) {
      const bad = ['javascript:alert(document.domain)//', 'JAVASCRIPT:alert(1)', 'data:text/html,x', 'http://app.example.com/', 'https://user@app.example.com/']
      bad.push('//app.example.com/', '/\\evil.example', 'https://app.example.com/\t', 'https:evil.example')
      const basis = {
        client_name: 'An app',
        redirect_uris: ['https://app.example.com/callback'],
        token_endpoint_auth_method: 'client_secret_post',
      }
      for (const uri of bad) {
        const { status } = await sendJson(`${world.issuer}/register`, { ...basis, post_logout_redirect_uris: [uri] })
        if (status === 201) return { won: true, how: `${JSON.stringify(uri)} was registered` }
      }
      const { body } = await sendJson(`${world.issuer}/register`, basis)
      const old = `old-${body.client_id}`
      await world.operate(async ({ store }) => {
        const { client } = (await store.read('client', body.client_id)).value
        const origin = 'operator'
        await addStoredClient(store, { ...client, clientId: old, origin, redirectUris: bad, postLogoutRedirectUris: bad }, systemClock)
      })
      if ((await signOut(world, { client_id: old })).status !== 200) throw new Error('the stored client is not there')
      for (const uri of bad) {
        const { status, text, location } = await signOut(world, { client_id: old, post_logout_redirect_uri: uri })
        if (status !== 400) return { won: true, how: `${uri}: ${status}, ${text.includes('logout-continue') ? 'a link to it' : location}` }
      }
      return { won: false, how: `${bad.length} addresses, neither registered nor taken from the store` }
    },
  },
  {
    id: 'A16-later',
    title: 'A16: the page for signing out leads to an address that was taken back meanwhile',
    weakening: [{ file: LOGOUT, find: 'carried.place === undefined ? undefined : registered(client, carried.place)', put: 'carried.place === undefined ? undefined : carried.place' }],
    others: [[{ file: LOGOUT, find: 'if (now < carried.at + GOOD_FOR)', put: 'if (true)' }]],
    async attack(world) {
      const browser = new Browser()
      await through(world, authorizeUrl(world), browser)
      const open = () => browser.go(`${world.issuer}/end-session?${new URLSearchParams({ client_id: 'web', post_logout_redirect_uri: SIGNED_OUT })}`)
      const answer = async (page) => {
        const request = /name="request" value="([^"]+)"/.exec(page.text)[1]
        return browser.submit(page, `${world.issuer}/end-session/confirm`, { request, answer: 'allow' })
      }
      try {
        const late = await open()
        await world.restart(undefined, 1801)
        const { status, location } = await answer(late)
        if (location !== undefined || status !== 400) return { won: true, how: `after half an hour: ${status} to ${location}` }
        await world.restart()
        const page = await open()
        await world.restart((written) => ({
          ...written,
          clients: written.clients.map((one) => (one.client_id === 'web' ? { ...one, post_logout_redirect_uris: undefined } : one)),
        }))
        const seen = await answer(page)
        const link = seen.text.includes('portal.example.com')
        return { won: seen.location !== undefined || link, how: `after half an hour ${status}; taken back: ${seen.status}, no way there` }
      } finally {
        await world.restart()
      }
    },
  },
  {
    id: 'A15',
    title: 'GHSA-vp58-j275-797x: a registered address with a star in it is taken as a pattern, and the code goes elsewhere',
    weakening: [
      {
        file: URIS,
        find: 'registered.includes(requested)',
        put: "registered.some((uri) => new RegExp('^' + uri.replaceAll('.', '\\\\.').replaceAll('*', '.*') + '$').test(requested))",
      },
    ],
    others: [
      // A host ends in it.
      [
        {
          file: URIS,
          find: 'registered.includes(requested)',
          put: "registered.includes(requested) || registered.some((uri) => new URL(requested).hostname.endsWith(new URL(uri).hostname.replace('*.', '')))",
        },
      ],
      // It is somewhere in it.
      [
        {
          file: URIS,
          find: 'registered.includes(requested)',
          put: "registered.some((uri) => requested.includes(new URL(uri).host.replace('*.', '')))",
        },
      ],
    ],
    async attack(world) {
      const pattern = 'https://*.portal.example.com/callback'
      const addresses = [
        'https://evil.example/.portal.example.com/callback',
        'https://evil.example/?.portal.example.com/callback',
        'https://evil.example?x=.portal.example.com/callback',
        'https://x@evil.example/.portal.example.com/callback',
        'https://x.portal.example.com@evil.example/callback',
        'https://x.portal.example.com:443@evil.example/.portal.example.com/callback',
        'https://x.portal.example.com/callback',
        'https://evilportal.example.com/callback',
        'https://portal.example.com/callback',
        'https://x.y.portal.example.com/callback',
        'https://.portal.example.com/callback',
        'https://evil.example%2f.portal.example.com/callback',
        'https://x.portal.example.com/callback/../evil',
      ]
      try {
        await world.restart((written) => ({
          ...written,
          clients: written.clients.map((one) => (one.client_id === 'web' ? { ...one, redirect_uris: [pattern] } : one)),
        }))
        for (const address of addresses) {
          const { status, location } = await through(world, authorizeUrl(world, { client_id: 'web', redirect_uri: address }))
          if (status !== 400) return { won: true, how: `${address}: ${status} to ${location?.slice(0, 70)}` }
          const form = new URL(authorizeUrl(world, { client_id: 'web', client_secret: SECRET, redirect_uri: address })).searchParams
          const pushed = await post(`${world.issuer}/par`, form)
          if (pushed.status === 201) return { won: true, how: `${address} was pushed` }
        }
        return { won: false, how: `${addresses.length} addresses, each 400 and no redirect` }
      } finally {
        await world.restart()
      }
    },
  },
]
