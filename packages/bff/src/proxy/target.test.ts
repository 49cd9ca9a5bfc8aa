import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { closeAll, world } from '../test/proxy-world.ts'
import { compileRoutes, type Route } from './routes.ts'
import { targetOf } from './target.ts'

afterEach(closeAll)

const WAYS_UP = [
  '/..',
  '/../',
  '/../admin',
  '/a/../../admin',
  '/a/..',
  '/.',
  '/./',
  '/a/./b',
  '/...',
  '/a/.. /b',
  '/%2e',
  '/%2e%2e',
  '/%2E%2E/admin',
  '/.%2e/admin',
  '/%2e./admin',
  '/a/%2e%2e/%2e%2e/admin',
  '/%252e%252e/admin',
  '/%25252e%25252e',
  '/%2525252e',
  '/%252e',
  '/..;/admin',
  '/..;x=1/admin',
  '/.;/admin',
  '/%2e%2e;/admin',
  '/..%3b/admin',
  '/%2e%2e%3Bx',
  '/..%20/admin',
  '/..%09/admin',
  '/..%00/admin',
  '/%2e%2e%20',
  '/%C2%A0..',
  '/%EF%BC%8E%EF%BC%8E/admin',
  '/%E2%80%A5/admin',
  '/..%2fadmin',
  '/%2e%2e%2fadmin',
  '/%2e%2e%5cadmin',
]
const SEPARATORS = [
  '//',
  '//evil.example',
  '/a//b',
  '///',
  '/a//',
  '/%2f',
  '/%2F%2Fevil.example',
  '/a%2fb',
  '/a%2Fb',
  '/%252f',
  '/a%252Fb',
  '/%25252f',
  '/\\',
  '/\\evil.example',
  '/a\\..\\b',
  '/%5c',
  '/a%5Cb',
  '/%255c',
  '/%EF%BC%8Fadmin',
  '/%EF%BC%BCadmin',
  '/a%EF%BC%8F..',
]
const CHARACTERS = [
  '/%00',
  '/a%00.json',
  '/%0a',
  '/%0d%0aX:1',
  '/%09',
  '/%7f',
  '/%2500',
  '/%250d%250a',
  '/\u0000',
  '/a\tb',
  '/a b',
  '/a\r\nb',
  '/ä',
  '/a"b',
  '/<x>',
  '/a|b',
  '/a^b',
  '/[a]',
  '/{a}',
  '/a`b',
  '/a#b',
  '/a?b',
  '/%',
  '/%2',
  '/%zz',
  '/%u002e',
  '/a%',
  '/%c0%ae%c0%ae',
  '/%c0%af',
  '/%e0%80%af',
  '/%ff',
  '/%fe%fe',
  '/%c3',
  '/%ed%a0%80',
  '/%f5%80%80%80',
  '/%25252525252541',
]
const FINE = [
  '',
  '/',
  '/1',
  '/1/',
  '/1/lines',
  '/a.b',
  '/.well-known',
  '/..a',
  '/a..',
  '/a..b',
  '/a...',
  '/...a',
  '/a;v=1',
  '/a;b/c;d=e,f',
  '/a:b',
  '/@me',
  "/it's",
  '/a!b$c&d(e)*f+g,h=i',
  '/%41',
  '/a%20b',
  '/100%25',
  '/%25',
  '/%25zz',
  '/caf%C3%A9',
  '/%E6%97%A5',
  '/%F0%9F%A5%AA',
  '/a~b_c-d',
  '/a%3Fb',
  '/a%23b',
  '/%3Cx%3E',
]

describe('BFF-41 paths', () => {
  test.each([...WAYS_UP, ...SEPARATORS, ...CHARACTERS].map((rest) => [JSON.stringify(rest), rest]))(
    '%s is refused, and nothing is asked of anybody',
    async (_name, rest) => {
      const { handle, proxy, seen, asked } = await world()
      const { status, json } = await handle({ path: `/api/orders${rest}` })
      expect([status, json['error'], json['rule']]).toEqual([400, 'invalid_request', 'BFF-41'])
      expect(json['error_description']).toMatch(/^the path /)
      const upgrade = await proxy.upgrade({ path: `/api/orders${rest}`, query: '' } as never)
      expect(upgrade).toMatchObject({ kind: 'refused', reply: { status: 400 } })
      expect([...seen, ...asked]).toEqual([])
    },
  )

  test.each(FINE)('%s arrives as it came', async (rest) => {
    const { handle, seen } = await world()
    expect((await handle({ path: `/api/orders${rest}`, query: "a=1&a=%2e%2e/&b=%2F../'" })).status).toBe(200)
    expect(seen[0]?.url).toBe(`/v1${rest}?a=1&a=%2e%2e/&b=%2F../%27`)
  })

  test('the root of an upstream', async () => {
    const { handle, seen } = await world({ routes: (origin) => [{ path: '/api', upstream: origin }] })
    for (const path of ['/api', '/api/', '/api/x']) await handle({ path })
    expect(seen.map(({ url }) => url)).toEqual(['/', '/', '/x'])
  })

  test.each(['a b', 'a\u0000', 'a\r\nb', 'ä', 'a#b'])('a query of %j is refused', async (query) => {
    const { handle, seen } = await world()
    expect((await handle({ query })).status).toBe(400)
    expect(seen).toEqual([])
  })
})

/** How a careless program reads a path: decodes it again and again, and goes where dots lead. */
function whereItEnds(url: URL, decodings: number): string {
  let path = url.pathname
  for (let i = 0; i < decodings; i++)
    path = path.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const up: string[] = []
  for (const segment of path.split(/[/\\]/).slice(1)) {
    if (segment === '..' || segment.split(';')[0] === '..') up.pop()
    else if (segment !== '.') up.push(segment)
  }
  return `/${up.join('/')}`
}

test('BFF-41 whatever is let through stays below its upstream, however often it is decoded', () => {
  const [route] = compileRoutes([{ path: '/api', upstream: 'https://orders.internal/v1/shop' }]) as [Route]
  const parts = [
    '/',
    '..',
    '.',
    '%',
    '2e',
    '2f',
    '5c',
    '25',
    ';',
    '\\',
    'a',
    '%2e',
    '%252e',
    '%2f',
    '//',
    '@',
    ':',
    '%00',
    'é',
    '%c0%ae',
    '#',
    '?',
    '\t',
  ]
  let through = 0
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join('')),
        fc.string({ unit: 'binary', maxLength: 30 }),
      ),
      (text) => {
        const url = targetOf(route, text === '' || text.startsWith('/') ? text : `/${text}`, '')
        if (!(url instanceof URL)) return
        through += 1
        expect(url.origin).toBe('https://orders.internal')
        for (let decodings = 0; decodings < 5; decodings++) expect(whereItEnds(url, decodings)).toMatch(/^\/v1\/shop(?:\/|$)/)
      },
    ),
    { numRuns: 5000 },
  )
  expect(through).toBeGreaterThan(100)
})

test('BFF-41 what the parser of URLs reads otherwise than the rules is caught after them', () => {
  const odd = { origin: 'https://orders.internal', base: '/v1/../v2' } as Route
  expect(targetOf(odd, '/x', '')).toMatchObject({ status: 400 })
  expect(targetOf({ ...odd, origin: 'https://orders.internal@evil.example', base: '' }, '/x', '')).toMatchObject({ status: 400 })
})
