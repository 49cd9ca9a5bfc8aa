import { Browser } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const MATCHING = 'packages/protocol/dist/redirect-uri.js'
const MODES = ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt']
/** A registration that is taken for the beginning of what it allows. */
const WILDCARD = {
  file: MATCHING,
  find: 'registered.includes(requested)',
  put: 'registered.some((uri) => requested.startsWith(new URL(uri).origin))',
}

/** Wins when an answer of any mode is on its way to somebody else's address. */
async function tryModes(world, modes, address) {
  for (const response_mode of modes) {
    const { status, location } = await through(world, authorizeUrl(world, { client_id: 'web', redirect_uri: address, response_mode }))
    if (status !== 400)
      return { won: true, how: `${response_mode} was answered: ${status} ${location?.slice(0, 60) ?? 'a page with a form'}` }
  }
  return { won: false, how: `${modes.length} modes, each 400` }
}

export const attacks = [
  {
    id: 'A01',
    title: 'CVE-2023-6927: form_post.jwt and other signed modes with a redirect URI that only looks like the registered one',
    weakening: [WILDCARD],
    attack: (world) =>
      tryModes(
        world,
        MODES.filter((mode) => mode.endsWith('jwt')),
        'https://portal.example.com.evil.example/callback',
      ),
  },
  {
    id: 'A02',
    title: 'CVE-2023-6134: form_post and other plain modes with a redirect URI that only looks like the registered one',
    weakening: [WILDCARD],
    attack: (world) =>
      tryModes(
        world,
        MODES.filter((mode) => !mode.endsWith('jwt')),
        'https://portal.example.com@evil.example/callback',
      ),
  },
  {
    id: 'A09',
    title: 'CVE-2024-21637: redirect_uri=javascript: becomes the action of the form_post page',
    weakening: [
      { file: MATCHING, find: 'if (!isAcceptable(requested))', put: 'if (false)' },
      {
        file: MATCHING,
        find: 'if (registered.includes(requested))',
        put: 'if (registered.includes(requested) || requested.startsWith("javascript:"))',
      },
      { file: MATCHING, find: 'return /^https?:\\/\\//.test(uri);', put: 'return true;' },
    ],
    async attack(world) {
      const url = authorizeUrl(world, { redirect_uri: 'javascript:alert(1)', response_mode: 'form_post', prompt: 'none' })
      const { status, text } = await new Browser().go(url)
      return { won: text.includes('action="javascript:'), how: `a page of status ${status}` }
    },
  },
  {
    id: 'A10',
    title: 'CVE-2026-42849: state is reflected in the page that submits itself',
    weakening: [
      {
        file: 'packages/server/dist/pages/render.js',
        find: '${renderToString(page)}',
        put: "${renderToString(page).replaceAll('&lt;', '<').replaceAll('&quot;', '\"')}",
      },
    ],
    async attack(world) {
      const state = '"><img src=x onerror=alert(1)>'
      const { status, text } = await new Browser().go(authorizeUrl(world, { state, response_mode: 'form_post', prompt: 'none' }))
      if (!text.includes('id="form-post"')) throw new Error(`no form_post page: ${status}`)
      return { won: text.includes('<img'), how: `a page of status ${status}` }
    },
  },
]
