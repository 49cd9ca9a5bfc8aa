import { Browser, sendJson } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const REQUEST = 'packages/server/dist/endpoints/end-session-request.js'
const RULES = 'packages/server/dist/config/logout-rules.js'
const web = { client_id: 'web', redirect_uri: 'https://portal.example.com/callback' }

/** The victim follows a link of the attacker, and says yes to everything. Wins when the browser is led away or shown a way there. */
async function followed(world, addresses, signedIn = true) {
  for (const address of addresses) {
    const victim = new Browser()
    if (signedIn) await through(world, authorizeUrl(world, web), victim)
    const link = `${world.issuer}/end-session?${new URLSearchParams({ client_id: 'web', post_logout_redirect_uri: address, state: 's' })}`
    let seen = await victim.go(link)
    const request = /name="request" value="([^"]+)"/.exec(seen.text)?.[1]
    if (request !== undefined) seen = await victim.submit(seen, `${world.issuer}/end-session/confirm`, { request, answer: 'allow' })
    if (seen.location !== undefined || seen.text.includes('logout-continue'))
      return { won: true, how: `${JSON.stringify(address)} was taken: ${seen.status} to ${seen.location?.slice(0, 60)}` }
  }
  return { won: false, how: `${addresses.length} addresses, no redirect and no link` }
}

/** Whoever signs out rightly is led back: else nothing above would say anything. */
async function checked(world, addresses) {
  const right = await followed(world, ['https://portal.example.com/signed-out'])
  if (!right.won) throw new Error('nobody is led back after signing out')
  const [here, away] = [await followed(world, addresses), await followed(world, addresses, false)]
  return here.won ? here : away
}

export const attacks = [
  {
    id: 'A16',
    title: 'CVE-2021-29456, CVE-2026-29192: open redirect at logout',
    weakening: [{ file: REQUEST, find: 'return matchRedirectUri(uri, same, native)', put: 'return uri' }],
    attack: (world) =>
      checked(world, [
        'https://evil.example/',
        'https://portal.example.com.evil.example/signed-out',
        'https://portal.example.com@evil.example/signed-out',
        'https://portal.example.com/signed-out?next=https://evil.example',
        'https://portal.example.com/callback',
        '//evil.example',
        'https:evil.example',
        'javascript:alert(1)',
        'data:text/html,x',
      ]),
  },
  {
    id: 'A16-stored',
    title: 'CVE-2026-29192: a javascript: address is registered for after the logout',
    weakening: [
      { file: RULES, find: "const wrong = redirectUriFault(uri, application_type === 'native')", put: 'const wrong = undefined' },
    ],
    async attack(world) {
      const addresses = [
        'javascript:alert(1)',
        'JAVASCRIPT:alert(1)',
        'data:text/html,x',
        'https://app.example.com/#x',
        'https://app.example.com\\@evil.example/',
      ]
      for (const address of addresses) {
        const metadata = { client_name: 'An app', redirect_uris: ['https://app.example.com/cb'], post_logout_redirect_uris: [address] }
        const { status } = await sendJson(`${world.issuer}/register`, { ...metadata, token_endpoint_auth_method: 'none' })
        if (status !== 400) return { won: true, how: `${address} was registered: ${status}` }
      }
      return { won: false, how: `${addresses.length} addresses, each 400` }
    },
  },
  {
    id: 'A17',
    title: 'CVE-2024-39694: an address that only looks local leads away after the logout',
    weakening: [
      {
        file: REQUEST,
        find: 'return matchRedirectUri(uri, same, native)',
        put: "return uri.startsWith('/') ? uri.trim() : matchRedirectUri(uri, same, native)",
      },
    ],
    attack: (world) =>
      checked(world, [
        '/\\evil.example',
        '/%5cevil.example',
        '/\t/evil.example',
        '/\u0000/evil.example',
        '//evil.example',
        '/\u200b/evil.example',
      ]),
  },
]
