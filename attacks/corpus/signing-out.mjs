import { systemClock } from '@holdfast/protocol/time'
import { addStoredClient } from '@holdfast/server'
import { HOSTILE, SIGNED_OUT, signOut, webHint } from '../addresses.mjs'
import { Browser, sendJson } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const URIS = 'packages/protocol/dist/redirect-uri.js'
const LOGOUT = `${SERVER}/endpoints/end-session-request.js`

export const attacks = [
  {
    id: 'A16-address',
    title: 'CVE-2021-29456, CVE-2026-29192: after the sign-out the browser is sent to an address that the client did not register',
    weakening: [
      {
        file: LOGOUT,
        find: 'return matchRedirectUri(uri, same, native);',
        put: 'return uri.startsWith(postLogoutRedirectUris[0]) ? uri : undefined;',
      },
    ],
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
      [
        {
          file: LOGOUT,
          find: 'return matchRedirectUri(uri, same, native);',
          put: "return matchRedirectUri(uri, [...same, 'https://desk.example.com/signed-out'], native);",
        },
      ],
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
        if (location !== undefined || text.includes('logout-continue'))
          return { won: true, how: `${address} without a client: ${location}` }
      }
      for (const state of [
        'x&code=stolen',
        'x#code=stolen',
        'x\r\nlocation: https://evil.example',
        '@evil.example',
        '/../..//evil.example',
      ]) {
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
        if (location !== undefined || !(await isIn()))
          return { won: true, how: `by a link: ${Object.keys(fields).join(', ') || 'no parameter'}` }
      }
      // What the thief's own page has, posted by a form of another site.
      const thief = new Browser()
      await through(world, authorizeUrl(world), thief, 'other')
      const page = await thief.go(`${world.issuer}/end-session?${new URLSearchParams(onwards)}`)
      const request = /name="request" value="([^"]+)"/.exec(page.text)[1]
      await victim.submit(page, `${world.issuer}/end-session/confirm`, { request, answer: 'allow' })
      const won = !(await isIn())
      return { won, how: won ? 'by the form of another browser' : 'five links, and the form of another browser: still signed in' }
    },
  },
  {
    id: 'A16-in-store',
    title: 'CVE-2026-29192: an address that may not be registered stands in the store, such as javascript:',
    weakening: [{ file: LOGOUT, find: 'one === uri && redirectUriFault(one, native) === undefined', put: 'one === uri' }],
    others: [
      [
        { file: LOGOUT, find: 'one === uri && redirectUriFault(one, native) === undefined', put: 'one === uri' },
        { file: URIS, find: 'if (!isAcceptable(requested))\n', put: 'if (false)\n' },
      ],
      // Registered today, where no rule is looked at.
      [
        { file: LOGOUT, find: 'return matchRedirectUri(uri, same, native);', put: 'return uri;' },
        {
          file: `${SERVER}/config/logout-rules.js`,
          find: 'if (wrong !== undefined)\n                    fault(`post',
          put: 'if (false)\n                    fault(`post',
        },
      ],
    ],
    async attack(world) {
      const bad = [
        'javascript:alert(document.domain)//',
        'JAVASCRIPT:alert(1)',
        'data:text/html,x',
        'http://app.example.com/',
        'https://user@app.example.com/',
      ]
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
    weakening: [
      {
        file: LOGOUT,
        find: 'carried.place === undefined ? undefined : registered(client, carried.place)',
        put: 'carried.place === undefined ? undefined : carried.place',
      },
    ],
    others: [[{ file: LOGOUT, find: 'if (now < carried.at + GOOD_FOR)', put: 'if (true)' }]],
    async attack(world) {
      const browser = new Browser()
      await through(world, authorizeUrl(world), browser)
      const open = () =>
        browser.go(`${world.issuer}/end-session?${new URLSearchParams({ client_id: 'web', post_logout_redirect_uri: SIGNED_OUT })}`)
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
        const won = seen.location !== undefined || seen.text.includes('portal.example.com')
        return { won, how: `after half an hour ${status}; taken back: ${seen.status}, ${won ? 'and it leads there' : 'no way there'}` }
      } finally {
        await world.restart()
      }
    },
  },
]
