import { HOSTILE, LOCAL, signOut, webHint } from '../addresses.mjs'
import { PASSWORD, SECRET } from '../installation.mjs'
import { Browser, post } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const URIS = 'packages/protocol/dist/redirect-uri.js'
const SIGN_IN = `${SERVER}/endpoints/sign-in.js`
const LOGOUT = `${SERVER}/endpoints/end-session-request.js`

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
  {
    id: 'A17-place',
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
      [
        {
          file: LOGOUT,
          find: 'return matchRedirectUri(uri, same, native);',
          put: "return uri.startsWith('/') ? uri : matchRedirectUri(uri, same, native);",
        },
      ],
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
        if (out.status !== 400)
          return { won: true, how: `post_logout_redirect_uri ${JSON.stringify(address)}: ${out.status} to ${out.location}` }
      }
      return { won: false, how: `${all.length} addresses, each 400 at both endpoints` }
    },
  },
]
