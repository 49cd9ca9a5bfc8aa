import { describe, expect, test } from 'vitest'
import { answersFromQuery, checkAnswers, issuerProblem, queryOf, worldFromAnswers, worldFromJson } from './world.ts'

const CALLBACK = 'https://explorer.example/callback.html'
const answers = (issuer: string): Parameters<typeof checkAnswers>[0] => ({ issuer, clientId: '', api: '', scope: '' })

describe('explorer.json', () => {
  test('gives the world, and of it only texts that are known', () => {
    const json = { issuer: 'https://a.example', stepUp: 'https://api.example/transfer', clientId: 7, other: 'x', scope: '' }
    expect(worldFromJson(json, CALLBACK)).toEqual({
      issuer: 'https://a.example',
      stepUp: 'https://api.example/transfer',
      redirectUri: CALLBACK,
    })
  })

  test('names the page with a backend of its own', () => {
    const json = { issuer: 'https://a.example', bff: 'https://shop.example', trace: 'https://a.example/trace' }
    expect(worldFromJson(json, CALLBACK)).toMatchObject({ bff: 'https://shop.example', trace: 'https://a.example/trace' })
  })

  test.each([[undefined], [null], ['<!doctype html>'], [{}], [{ issuer: 'javascript:alert(1)' }], [{ issuer: 'http://a.example' }]])(
    '%j is none',
    (json) => expect(worldFromJson(json, CALLBACK)).toBeUndefined(),
  )
})

describe('your issuer', () => {
  test('an address carries the answers there and back', () => {
    const all = { issuer: 'https://a.example/t', clientId: 'my app', api: 'https://api.example', scope: 'a b' }
    expect(answersFromQuery(queryOf(all))).toEqual(all)
    expect(answersFromQuery('?client_id=x')).toBeUndefined()
    expect(worldFromAnswers(answers('https://a.example'), CALLBACK)).toEqual({ issuer: 'https://a.example', redirectUri: CALLBACK })
  })

  test.each(['https://a.example', 'https://a.example/tenant/', 'http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000'])(
    '%s is good',
    (issuer) => expect(checkAnswers(answers(issuer))).toEqual({}),
  )

  test.each([
    ['', /Enter the address/],
    ['login.example.com', /no full address/],
    ['http://a.example', /https/],
    ['http://127.evil.example', /https/],
    ['https://user@a.example', /https/],
    ['https://a.example?x=1', /no \?/],
    ['https://a.example#', /no \? and no #/],
    ['javascript:alert(1)', /https/],
  ])('%j is refused in words', (issuer, words) => expect(checkAnswers(answers(issuer)).issuer).toMatch(words))

  test('the other answers are looked at too', () => {
    const faults = checkAnswers({ issuer: 'https://a.example', clientId: 'ä', api: 'https://api.example#x', scope: 'a"b' })
    expect(Object.keys(faults).sort()).toEqual(['api', 'clientId', 'scope'])
  })
})

describe('before the first flow', () => {
  const serves =
    (pages: Readonly<Record<string, unknown>>): typeof fetch =>
    (input) => {
      const body = pages[String(input)]
      return Promise.resolve(body === undefined ? new Response('', { status: 404 }) : Response.json(body))
    }
  const there = 'https://a.example/.well-known/oauth-authorization-server/t'

  test('RFC 8414 §3.3: metadata of this issuer is enough, at either place', async () => {
    expect(await issuerProblem('https://a.example/t', serves({ [there]: { issuer: 'https://a.example/t' } }))).toBeUndefined()
    const openid = { 'https://a.example/t/.well-known/openid-configuration': { issuer: 'https://a.example/t' } }
    expect(await issuerProblem('https://a.example/t', serves(openid))).toBeUndefined()
  })

  test('RFC 8414 §3.3: metadata of another issuer is told with its name', async () => {
    expect(await issuerProblem('https://a.example/t', serves({ [there]: { issuer: 'https://a.example/' } }))).toMatch(
      /calls itself https:\/\/a\.example\/, not/,
    )
  })

  test('a server without metadata, one that this page cannot read, and none at all are told apart', async () => {
    const failed = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'))
    const shut: typeof fetch = (_url, init) => (init?.mode === 'no-cors' ? Promise.resolve(new Response()) : failed())
    expect(await issuerProblem('https://a.example', serves({}))).toMatch(/no metadata/)
    expect(await issuerProblem('https://a.example', shut)).toMatch(/There is a server .*CORS/)
    expect(await issuerProblem('https://a.example', failed)).toMatch(/no answer.*not reachable/)
  })
})
