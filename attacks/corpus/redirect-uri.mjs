import { authorizeUrl, through } from '../world.mjs'

const FILE = 'packages/protocol/dist/redirect-uri.js'

/** Wins when one of the addresses gets anything but a page of ours. */
async function tryAll(world, addresses, over) {
  for (const address of addresses) {
    const { status, location } = await through(world, authorizeUrl(world, { ...over, redirect_uri: address }))
    if (status !== 400) return { won: true, how: `${address} was taken: ${status} to ${location?.slice(0, 60)}` }
  }
  return { won: false, how: `${addresses.length} addresses, each 400 and no redirect` }
}

const web = { client_id: 'web' }

export const attacks = [
  {
    id: 'A06',
    title: 'CVE-2024-8883: a registered loopback address opens other hosts',
    weakening: [
      {
        file: FILE,
        find: 'const found = registered.some((uri) => {',
        put: 'if (requested.startsWith("http://127.0.0.1") || requested.startsWith("http://localhost")) return requested;\n    const found = registered.some((uri) => {',
      },
      {
        file: FILE,
        find: 'if (asked === null ||',
        put: 'if (asked === null && (requested.startsWith("http://127.0.0.1") || requested.startsWith("http://localhost"))) return requested;\n    if (asked === null ||',
      },
    ],
    attack: (world) =>
      tryAll(world, [
        'http://127.0.0.1@evil.example/callback',
        'http://127.0.0.1.evil.example/callback',
        'http://localhost:1@evil.example/callback',
        'http://localhost.evil.example/callback',
        'http://127.0.0.1:5000@evil.example/callback',
        'http://127.0.0.1:99999/callback',
        'http://127.1/callback',
        'http://[::1]/callback',
        'http://127.0.0.1:5000/callback/../x',
      ]),
  },
  {
    id: 'A07',
    title: 'CVE-2020-15234: the redirect URI is compared without regard to case',
    weakening: [
      {
        file: FILE,
        find: 'registered.includes(requested)',
        put: 'registered.some((uri) => uri.toLowerCase() === requested.toLowerCase())',
      },
    ],
    attack: (world) =>
      tryAll(
        world,
        [
          'https://portal.example.com/CALLBACK',
          'https://portal.example.com/Callback',
          'HTTPS://portal.example.com/callback',
          'https://PORTAL.example.com/callback',
        ],
        web,
      ),
  },
  {
    id: 'A12',
    title: 'CVE-2026-41569: the redirect URI is compared as a prefix',
    weakening: [
      { file: FILE, find: 'registered.includes(requested)', put: 'registered.some((uri) => requested.startsWith(new URL(uri).origin))' },
    ],
    attack: (world) =>
      tryAll(
        world,
        [
          'https://portal.example.com.evil.example/callback',
          'https://portal.example.com@evil.example/callback',
          'https://portal.example.com/callback/more',
          'https://portal.example.com/callback?more=1',
          'https://portal.example.com/other',
        ],
        web,
      ),
  },
]
