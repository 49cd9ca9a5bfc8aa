import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { AFTERWARDS, confirm, endSessionUrl, FRAMED, isSignedIn, plain, signedInAt } from '../test/logout.ts'
import type { Person } from '../test/person.ts'
import { ISSUER, startServer } from '../test/server.ts'

const framed = (over: Partial<Client> = {}): Client => plain({ frontchannelLogoutUri: FRAMED, ...over })
const OTHER = framed({
  clientId: 'other',
  clientName: 'Other "<script',
  redirectUris: ['https://other.example:8443/cb'],
  frontchannelLogoutUri: 'https://other.example:8443/out?a=b',
})

const sidOf = (idToken: string): string =>
  String((JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>)['sid'])
const framesOf = (text: string): string[] =>
  [...text.matchAll(/<iframe[^>]* src="([^"]*)"/g)].map(([, src = '']) => src.replaceAll('&amp;', '&'))

async function atBoth(parameters: Readonly<Record<string, string>> = {}): Promise<{
  readonly person: Person
  readonly sid: string
  readonly seen: Awaited<ReturnType<Person['go']>>
}> {
  const as = await startServer([framed(), OTHER, plain({ clientId: 'third' })])
  const { app, idToken } = await signedInAt(as, framed())
  const { person } = app
  await signedInAt(as, OTHER, person)
  await signedInAt(as, plain({ clientId: 'third' }), person)
  return { person, sid: sidOf(idToken), seen: await person.go(endSessionUrl({ id_token_hint: idToken, ...parameters })) }
}

test('LOGO-20 LOGO-21 Front-Channel Logout §2: a frame for each client of the session that asked for one, with iss and sid, and no other', async () => {
  const { person, sid, seen } = await atBoth()
  expect(seen.status).toBe(200)
  const given = new URLSearchParams({ iss: ISSUER, sid }).toString()
  expect(framesOf(seen.text).toSorted()).toEqual([`${FRAMED}?${given}`, `https://other.example:8443/out?a=b&${given}`])
  const policy = seen.headers.get('content-security-policy') ?? ''
  expect(
    policy
      .split('; ')
      .find((one) => one.startsWith('frame-src'))
      ?.split(' ')
      .slice(1)
      .toSorted(),
  ).toEqual(['https://app.example', 'https://other.example:8443'])
  expect(policy).toMatch(/^default-src 'none'; style-src/)
  expect(policy).not.toContain('script-src')
  expect(seen.text).not.toMatch(/<script|<bdi>Other <|logout-continue/)
  // A frame may not lead the page elsewhere.
  for (const [tag] of seen.text.matchAll(/<iframe[^>]*>/g)) expect(tag).toContain('sandbox="allow-scripts allow-same-origin allow-forms"')
  expect(await isSignedIn(person)).toBe(false)
})

test('LOGO-06 LOGO-20 with frames, the page goes on when they have loaded, and by a link without scripts', async () => {
  const { seen } = await atBoth({ post_logout_redirect_uri: AFTERWARDS, state: 's&1' })
  expect([seen.status, seen.location]).toEqual([200, undefined])
  expect(seen.text).toContain(`id="logout-continue" href="${AFTERWARDS}?state=s%261"`)
  expect(seen.text).toMatch(/<script src="\/assets\/[\w-]+\.js" defer>/)
  expect(seen.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(framesOf(seen.text)).toHaveLength(2)
})

test('LOGO-06 the script goes on once: when the page has loaded, or after three seconds', async () => {
  const as = await startServer([framed()])
  const { app, idToken } = await signedInAt(as, framed())
  const page = await app.person.go(endSessionUrl({ id_token_hint: idToken, post_logout_redirect_uri: AFTERWARDS }))
  const script = await (await as.fetch(ISSUER + (/<script src="([^"]+)"/.exec(page.text)?.[1] ?? ''))).text()
  const gone: string[] = []
  const later: (readonly [() => void, number])[] = []
  const loaded: (() => void)[] = []
  const browser = {
    document: { getElementById: (id: string) => (id === 'logout-continue' ? { href: AFTERWARDS } : null) },
    location: { assign: (href: string) => gone.push(href) },
    addEventListener: (_name: string, listener: () => void) => loaded.push(listener),
    setTimeout: (work: () => void, after: number) => later.push([work, after]),
  }
  runInNewContext(script, browser)
  expect([gone, later.map(([, after]) => after)]).toEqual([[], [3000]])
  later[0]?.[0]()
  loaded[0]?.()
  expect(gone).toEqual([AFTERWARDS])
})

test('LOGO-20 after the person’s own yes the frames are the same; a second sign-out has none', async () => {
  const as = await startServer([framed()])
  const { app } = await signedInAt(as, framed())
  const page = await app.person.go(endSessionUrl())
  expect(framesOf(page.text)).toEqual([])
  const seen = await confirm(app.person, page, 'allow')
  expect(framesOf(seen.text)).toHaveLength(1)
  expect(framesOf((await confirm(app.person, page, 'allow')).text)).toEqual([])
})
