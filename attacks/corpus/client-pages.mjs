import { PASSWORD } from '../installation.mjs'
import { Browser, sendJson } from '../thief.mjs'
import { authorizeUrl } from '../world.mjs'

const FOLDER = 'packages/server/dist'
const RULES = `${FOLDER}/config/client-rules.js`
const CALLBACK = 'https://app.example.com/callback'
const PAGES = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri']
/** Each runs, or shows what it carries, where a browser takes it for an address. */
const EVIL = [
  'javascript:alert(document.domain)//',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'vbscript:msgbox(1)',
  'blob:https://app.example.com/1',
  'file:///etc/passwd',
  'view-source:javascript:alert(1)',
  '//evil.example/x',
  'https:javascript:alert(1)',
  'https://app.example.com@evil.example/',
  'http://app.example.com/',
]
/** An https address like any other, as long as the page escapes it. */
const MARKUP = 'https://app.example.com/"><script>alert(1)</script>'
/** No address of a link, image or form may begin like this. */
const RUNS = /(?:href|src|action|content)\s*=\s*["']?\s*(?:javascript|data:text|vbscript|blob:|file:|view-source|\/\/evil|http:\/\/app\.)/i
/** Browsers leave control characters out of addresses. */
const runs = (page) => RUNS.test(page.replaceAll(/\p{Cc}/gu, '')) || page.includes('<script>alert')
const dangerous = (value) => EVIL.includes(value)

/** What the person sees: the page to sign in, and the one that asks. */
async function shown(world, clientId, redirectUri) {
  const browser = new Browser()
  const { location } = await browser.go(
    authorizeUrl(world, { client_id: clientId, redirect_uri: redirectUri, scope: 'openid', prompt: 'consent' }),
  )
  if (location === undefined) return ''
  const first = await browser.go(location)
  const signedIn = await browser.submit(first, location, { username: 'victim', password: PASSWORD })
  const consent = signedIn.location === undefined ? signedIn : await browser.go(signedIn.location)
  return first.text + consent.text
}

/** @returns why it is a win, when a stored client carries one of them, or its page does */
async function kept(world, body, redirectUri) {
  const told = [...PAGES, 'post_logout_redirect_uris', 'initiate_login_uri', 'sector_identifier_uri'].find((name) =>
    [body[name]].flat().some(dangerous),
  )
  if (told !== undefined) return `${told} was stored`
  const page = await shown(world, body.client_id, redirectUri)
  return runs(page) ? 'it stands on the page' : undefined
}

/** The ways in: each answers with what was stored, or with nothing where it was refused. */
const WAYS = {
  async 'a registration'(world, metadata) {
    return (await sendJson(`${world.issuer}/register`, metadata)).body
  },
  async 'an update'(world, metadata) {
    const { body } = await sendJson(`${world.issuer}/register`, { client_name: 'An app', redirect_uris: [CALLBACK] })
    const headers = { authorization: `Bearer ${body.registration_access_token}` }
    return (await sendJson(body.registration_client_uri, { ...metadata, client_id: body.client_id }, { method: 'PUT', headers })).body
  },
}

export const attacks = [
  {
    id: 'A11',
    title: 'CVE-2022-4361: an address that a client registers is one that runs in the browser',
    weakening: [
      { file: RULES, find: 'webAddressFault(draft[member]);', put: 'undefined;' },
      {
        file: `${FOLDER}/config/machine-metadata.js`,
        find: 'const url = new URL(text);',
        put: 'const url = new URL(text);\n        if (true)\n            continue;',
      },
    ],
    others: [
      [
        {
          file: `${FOLDER}/pages/render.js`,
          find: '${renderToString(page)}',
          put: "${renderToString(page).replaceAll('&lt;', '<').replaceAll('&quot;', '\"')}",
        },
      ],
      // The code goes there.
      [{ file: RULES, find: "const wrong = redirectUriFault(uri, application_type === 'native');", put: 'const wrong = undefined;' }],
      // By a document: nothing is told to whoever published it, so only the page can show it.
      [
        { file: RULES, find: 'webAddressFault(draft[member]);', put: 'undefined;' },
        {
          file: `${FOLDER}/config/machine-metadata.js`,
          find: 'const url = new URL(text);',
          put: 'const url = new URL(text);\n        if (true)\n            continue;',
        },
        { file: `${FOLDER}/endpoints/registration.js`, find: '...metadata,', put: '' },
        {
          file: `${FOLDER}/pages/link.js`,
          find: 'export function linkable(href) {',
          put: 'export function linkable(href) {\n    return true;',
        },
      ],
    ],
    async attack(world) {
      let count = 0
      for (const evil of [...EVIL, MARKUP]) {
        const pages = Object.fromEntries(PAGES.map((name) => [name, evil]))
        const more = { post_logout_redirect_uris: [evil], initiate_login_uri: evil, sector_identifier_uri: evil }
        for (const [name, way] of Object.entries(WAYS)) {
          for (const members of [pages, ...PAGES.map((page) => ({ [page]: evil })), more]) {
            const body = await way(world, { client_name: 'An app', redirect_uris: [CALLBACK], ...members })
            const why = body.client_id === undefined ? undefined : await kept(world, body, CALLBACK)
            if (why !== undefined) return { won: true, how: `${name} with ${JSON.stringify(evil)}: ${why}` }
            count++
          }
          for (const application_type of ['web', 'native']) {
            const body = await way(world, { client_name: 'An app', application_type, redirect_uris: [evil] })
            if (body.redirect_uris?.includes(evil)) return { won: true, how: `${name}: codes go to ${JSON.stringify(evil)}` }
            count++
          }
        }
        const why = await published(world, evil, pages)
        if (why !== undefined) return { won: true, how: `a document with ${JSON.stringify(evil)}: ${why}` }
        count++
      }
      // Not because nobody is asked any more.
      if (!(await shown(world, ...document(world))).includes('consent-allow')) throw new Error('an ordinary document leads to no page')
      return { won: false, how: `${count} clients with ${EVIL.length} addresses, at registration, update and as documents` }
    },
  },
]

let documents = 0

/** A client_id that is the URL of a document with them, as MCP clients have it. */
async function published(world, evil, pages) {
  for (const more of [pages, { redirect_uris: [evil] }]) {
    const [clientId, own] = document(world, more)
    const page = await shown(world, clientId, own)
    if (runs(page)) return 'it stands on the page'
    const { location } = await new Browser().go(authorizeUrl(world, { client_id: clientId, redirect_uri: evil, scope: 'openid' }))
    if (location !== undefined) return `the browser is sent on, to ${location.slice(0, 40)}`
  }
  return undefined
}

function document(world, { redirect_uris = [], ...more } = {}) {
  const path = `/client-${++documents}.json`
  const clientId = world.elsewhere.put(path, {})
  const own = new URL('/callback', clientId).href
  world.elsewhere.put(path, { body: { client_id: clientId, client_name: 'An app', redirect_uris: [own, ...redirect_uris], ...more } })
  return [clientId, own]
}
