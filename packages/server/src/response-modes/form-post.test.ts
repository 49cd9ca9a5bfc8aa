import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { describe, expect, test } from 'vitest'
import { formPostScriptPath } from '../pages/assets.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'
import { answerOf } from '../test/answers.ts'
import { formPost } from './form-post.ts'

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;</form>`

const post = async (as: TestServer, over: Readonly<Record<string, string>> = {}): Promise<Seen> =>
  new Person(as).through(authorizationParameters({ response_mode: 'form_post', ...over }))
const policyOf = (seen: Seen): string => seen.headers.get('content-security-policy') ?? ''

describe('Form Post Response Mode §2', () => {
  test('OIDC-60 JRM-08 the page is not stored, in form_post.jwt neither', async () => {
    for (const response_mode of ['form_post', 'form_post.jwt']) {
      const seen = await post(await startServer(), { response_mode })
      expect([seen.status, seen.headers.get('cache-control'), seen.headers.get('content-type')]).toEqual([
        200,
        'no-store',
        'text/html; charset=utf-8',
      ])
    }
  })

  test('BCP-27 RFC 9700 §4.3.1: the code is in the form and in no address, so no history keeps it', async () => {
    const as = await startServer()
    const seen = await post(as)
    const { target, parameters } = await answerOf(as, seen, 'form_post')
    expect([target, seen.location]).toEqual(['https://app.example/callback', undefined])
    expect(seen.text.split(String(parameters['code'])), 'the code, once').toHaveLength(2)
    expect(seen.text).toMatch(/<form[^>]* method="post"/)
  })

  test('OIDC-60 A02 A10 its form may end at that one origin, and only a script of ours runs', async () => {
    const policy = policyOf(await post(await startServer()))
    expect(policy).toContain('form-action https://app.example;')
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
  })

  test('A02 a loopback URI is posted to at its port', async () => {
    const seen = await post(await startServer([publicClient()]), { client_id: 'app', redirect_uri: 'http://127.0.0.1:51234/callback' })
    expect(policyOf(seen)).toContain('form-action http://127.0.0.1:51234;')
    expect(seen.text).toContain('action="http://127.0.0.1:51234/callback"')
  })

  test('A09 a URI that runs is never an action, even if a bug let it come so far', () => {
    for (const uri of ['javascript:alert(1)', 'com.example.app:/callback', 'data:text/html,x', ' https://app.example/'])
      expect(() => formPost(uri as ValidRedirectUri, {}, {}, ISSUER)).toThrow('needs an http or https')
  })

  test('no other page runs a script', async () => {
    const as = await startServer()
    const person = new Person(as)
    const opened = await person.authorize(authorizationParameters({ response_mode: 'form_post' }))
    expect(policyOf(await person.go(opened.location ?? ''))).not.toContain('script-src')
  })

  test('the script is served as one, for ever, under the path of the issuer', async () => {
    const as = await startServer()
    const seen = await post(as)
    const [, src] = /<script src="([^"]+)" defer/.exec(seen.text) ?? []
    expect(src).toBe(formPostScriptPath)
    const script = await as.fetch(`${ISSUER}${src}`)
    expect([
      script.status,
      script.headers.get('content-type'),
      script.headers.get('cache-control'),
      script.headers.get('x-content-type-options'),
    ]).toEqual([200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', 'nosniff'])
    expect(await script.text()).toContain("getElementById('form-post')")
    const below = await startServer(undefined, { issuer: 'https://as.example/tenant' })
    const page = await new Person(below).go(
      `https://as.example/tenant/authorize?${authorizationParameters({ response_mode: 'form_post', prompt: 'none' })}`,
    )
    expect(page.text).toContain(`src="/tenant${formPostScriptPath}"`)
    expect((await below.fetch(`https://as.example/tenant${formPostScriptPath}`)).status).toBe(200)
  })

  test('A10 what the client sent is text in it, and comes to the client as it was', async () => {
    const as = await startServer()
    const seen = await post(as, { state: HOSTILE })
    expect(seen.text).not.toMatch(/<script>|<img|<\/form>&/)
    expect(seen.text.match(/<script/g)).toHaveLength(1)
    expect(seen.text.match(/<\/form>/g)).toHaveLength(1)
    expect((await answerOf(as, seen, 'form_post')).parameters['state']).toBe(HOSTILE)
  })

  test('OA-16 A10 a registered query is kept, and escaped', async () => {
    const redirect_uri = "https://app.example/callback?a=1&b='x'"
    const as = await startServer([client({ redirectUris: [redirect_uri] })])
    const { text } = await post(as, { redirect_uri })
    expect(text).toContain('action="https://app.example/callback?a=1&amp;b=\'x\'"')
  })

  test('the cookie of the sign-in comes with it', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    const before = new Map(person.cookies)
    const seen = await person.through(authorizationParameters({ response_mode: 'form_post', prompt: 'login' }))
    expect(seen.status).toBe(200)
    expect([...person.cookies].toString()).not.toBe([...before].toString())
  })
})
