import { desk } from '../person.mjs'
import { Browser, challengeOf, newKey, post, VERIFIER } from '../thief.mjs'
import { through } from '../world.mjs'

const ADDRESS = 'https://desk.example.com/callback'
const AUTHORIZATION = 'packages/server/dist/endpoints/authorization.js'
/** What goes on is also compared with what its client registered: for these it has to be out of the way too. */
const RESUMED = {
  file: 'packages/server/dist/endpoints/outdated.js',
  find: 'const changed =',
  put: 'if (true)\n        return undefined;\n    const changed =',
}
const PROCEED = 'packages/server/dist/endpoints/proceed.js'

const REQUEST = {
  client_id: 'desk',
  response_type: 'code',
  redirect_uri: ADDRESS,
  scope: 'openid accounts:read',
  state: 'state-that-the-client-keeps-7Qx2',
  nonce: 'nonce-that-the-client-keeps-9Lm4',
  code_challenge: challengeOf(VERIFIER),
  code_challenge_method: 'S256',
}

async function push(world, over = {}) {
  const fields = Object.entries({ ...REQUEST, ...over }).filter(([, value]) => value !== undefined)
  return post(`${world.issuer}/par`, fields, desk())
}

async function pushed(world, over) {
  const { body } = await push(world, over)
  if (body.request_uri === undefined) throw new Error(`the request was not taken: ${JSON.stringify(body)}`)
  return body.request_uri
}

const reference = (world, request_uri, more = {}) =>
  `${world.issuer}/authorize?${new URLSearchParams({ client_id: 'desk', request_uri, ...more })}`

/** A text as it stands, and what it is when it was only encoded: per cent, base64, hex, twice. */
function* readings(text, depth = 2) {
  yield text
  if (depth === 0) return
  try {
    const decoded = decodeURIComponent(text)
    if (decoded !== text) yield* readings(decoded, depth - 1)
  } catch {}
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    yield* readings(Buffer.from(word, 'base64').toString('latin1'), depth - 1)
    if (/^(?:[0-9a-f]{2})+$/i.test(word)) yield* readings(Buffer.from(word, 'hex').toString('latin1'), depth - 1)
  }
}

/** Everything that an answer leaves in the browser, its own shared assets aside. */
async function everythingAt(url, init, cookies) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...(cookie && { cookie }), ...init.headers } })
  for (const line of response.headers.getSetCookie()) {
    const [pair] = line.split(';')
    cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  }
  // Where the form may lead at last is said to the browser, by its origin alone.
  const headers = [...response.headers].filter(([name]) => name !== 'content-security-policy').map(([, value]) => value)
  return { parts: [...headers, ...cookies.values(), await response.text()], location: response.headers.get('location') }
}

export const attacks = [
  {
    id: 'A43',
    title: 'CVE-2024-4540: what was pushed stands in a cookie, an address or a page of the browser',
    weakening: [
      {
        file: PROCEED,
        find: "{ 'set-cookie': browser.cookie }",
        put: "{ 'set-cookie': [browser.cookie, 'restart=' + Buffer.from(JSON.stringify(purpose.request)).toString('base64url')] }",
      },
    ],
    others: [
      [
        {
          file: PROCEED,
          find: '`/interaction/${formatHandle({ id, secret })}`)',
          put: '`/interaction/${formatHandle({ id, secret })}?state=${purpose.request.state}`)',
        },
      ],
      // On the page, for a script to go on with.
      [
        {
          file: 'packages/server/dist/pages/render.js',
          find: '${renderToString(page)}',
          put: '${renderToString(page)}<i hidden>state-that-the-client-keeps-7Qx2</i>',
        },
      ],
    ],
    async attack(world) {
      const { jkt } = await newKey()
      const secrets = { ...REQUEST, dpop_jkt: jkt, resource: world.api }
      const names = ['state', 'nonce', 'code_challenge', 'dpop_jkt', 'redirect_uri', 'resource']
      const uri = await pushed(world, secrets)
      const cookies = new Map()
      const start = reference(world, uri)
      const found = []
      let count = 0
      const look = async (what, url, init = {}) => {
        const seen = await everythingAt(url, init, cookies)
        for (const part of seen.parts)
          for (const text of readings(part)) for (const name of names) if (text.includes(secrets[name])) found.push(`${name} ${what}`)
        count++
        return seen
      }
      const { location } = await look('at the start', start)
      await look('at the page', location)
      await look('after an empty form', location, { method: 'POST', body: new URLSearchParams({ username: '' }) })
      await look('at the start again', start)
      await look('with another client', reference(world, uri, { client_id: 'web' }))
      await look('with a wrong reference', reference(world, `${uri}x`))
      await look('by POST', `${world.issuer}/authorize`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'desk', request_uri: uri }),
      })
      cookies.clear()
      await look('in another browser', location)
      const won = [...new Set(found)]
      return { won: won.length > 0, how: won.length > 0 ? won.slice(0, 3).join(', ') : `${count} answers have none of ${names.join(', ')}` }
    },
  },
  {
    id: 'A44',
    title: 'CVE-2026-7571: what goes on with a pushed request changes its response type, mode or address',
    weakening: [
      {
        file: AUTHORIZATION,
        find: 'begin(as, request, { client: found, ...pushed })',
        put: "begin(as, request, { client: found, ...pushed, request: { ...pushed.request, responseMode: form.one('response_mode') ?? pushed.request.responseMode } })",
      },
    ],
    others: [
      [{ file: 'packages/server/dist/authorization/parse.js', find: "if (type !== 'code')", put: 'if (false)' }],
      [
        RESUMED,
        {
          file: AUTHORIZATION,
          find: 'begin(as, request, { client: found, ...pushed })',
          put: "begin(as, request, { client: found, ...pushed, request: { ...pushed.request, redirectUri: form.one('redirect_uri') ?? pushed.request.redirectUri } })",
        },
      ],
      [RESUMED, { file: AUTHORIZATION, find: 'if (record.value.clientId !== client.clientId)', put: 'if (false)' }],
    ],
    async attack(world) {
      for (const response_type of ['token', 'id_token', 'code token', 'code id_token', 'none', 'CODE', 'code code', '']) {
        const { status } = await push(world, { response_type })
        if (status === 201) return { won: true, how: `response_type ${response_type} was taken` }
      }
      const twice = await push(world, { response_type: undefined })
      if (twice.status === 201) return { won: true, how: 'no response_type was taken' }

      const changed = [
        { response_type: 'token' },
        { response_type: 'code id_token token', nonce: 'x' },
        { response_mode: 'fragment' },
        { response_mode: 'form_post' },
        { response_mode: 'fragment', response_type: 'token', prompt: 'none' },
        { redirect_uri: 'https://evil.example/callback' },
        { redirect_uri: 'https://portal.example.com/callback', client_id: 'web' },
        { state: 'of the attacker' },
        { scope: 'openid payments:write', resource: 'https://payments.example.com' },
        { request: 'eyJhbGciOiJub25lIn0.eyJyZXNwb25zZV90eXBlIjoidG9rZW4ifQ.' },
        { code_challenge: challengeOf('w'.repeat(43)) },
      ]
      for (const more of changed) {
        const browser = new Browser()
        const url = reference(world, await pushed(world), more)
        const seen = await through(world, url, browser)
        const fault = more.client_id !== undefined && seen.location !== undefined ? 'an answer for another client' : wrongAnswer(seen)
        if (fault !== undefined) return { won: true, how: `${new URLSearchParams(more)}: ${fault}` }
        // The same at the step in between, in the address and in the form.
        const { location } = await browser.go(reference(world, await pushed(world, { prompt: 'consent' })))
        const at = `${location}?${new URLSearchParams(more)}`
        const last = await browser.submit(await browser.go(at), at, { ...more, answer: 'allow' })
        const later = wrongAnswer(last)
        if (later !== undefined) return { won: true, how: `${new URLSearchParams(more)} on the way: ${later}` }
      }
      return { won: false, how: `9 response types were not taken; ${changed.length} changes, at the start and on the way, changed nothing` }
    },
  },
]

/** What the answer has that was not pushed. A page of ours is no answer. */
function wrongAnswer({ status, location, text }) {
  if (text.includes('id="form-post"')) return 'a page that posts'
  if (location === undefined) return status === 400 ? undefined : `a page of status ${status}`
  const { hash, searchParams } = new URL(location)
  if (hash !== '') return `the fragment ${hash.slice(0, 20)}`
  if (!location.startsWith(`${ADDRESS}?`)) return `an answer to ${location.slice(0, 60)}`
  if (searchParams.get('state') !== REQUEST.state) return 'another state'
  return ['access_token', 'id_token'].find((name) => searchParams.has(name))
}
