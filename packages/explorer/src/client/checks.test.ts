import { describe, expect, test } from 'vitest'
import { atHashSteps } from '../dissect/construction.ts'
import type { Members } from '../encoding.ts'
import { newSigningKey, signJws } from '../keys.ts'
import { flowOf, runTo } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { checkAnswer, checkIdToken, checkJarm, checkTokenType, refusedIn } from './checks.ts'

const ISSUER = 'https://as.example'
const NOW = 1_800_000_000
const key = await newSigningKey()
const stranger = await newSigningKey()
const EXPECTED = {
  issuer: ISSUER,
  clientId: 'page',
  nonce: 'n',
  accessToken: 'at',
  now: NOW * 1000,
  keys: [{ ...key.publicJwk, kid: 'k' }],
}
const atHash = (await atHashSteps('at', 'ES256')).at(-1)?.text
const CLAIMS = { iss: ISSUER, aud: 'page', sub: 'u', nonce: 'n', at_hash: atHash, iat: NOW, exp: NOW + 60 }
const signed = (claims: Members = {}, header: Members = {}, by = key): Promise<string> =>
  signJws({ alg: 'ES256', kid: 'k', ...header }, { ...CLAIMS, ...claims }, by)
const refused = async (token: string, over: object = {}): Promise<readonly string[]> =>
  (await checkIdToken(token, { ...EXPECTED, ...over })).filter((one) => one.refused !== undefined).map(({ check }) => check)

describe('OIDC-37 OpenID Connect Core §3.1.3.7: an ID token', () => {
  test('a right one passes each check', async () => {
    const found = await checkIdToken(await signed(), EXPECTED)
    expect(found.map(({ check }) => check)).toEqual(['signature', 'iss', 'aud', 'exp', 'nonce', 'at_hash'])
    expect(refusedIn(found)).toBeUndefined()
  })
  test.each<[string, Members]>([
    ['iss', { iss: 'https://thief.example' }],
    ['aud', { aud: ['other'] }],
    ['aud', { aud: undefined }],
    ['exp', { exp: NOW - 61 }],
    ['exp', { exp: undefined }],
    ['nonce', { nonce: 'another' }],
    ['nonce', { nonce: undefined }],
    ['at_hash', { at_hash: 'another' }],
  ])('is refused for its %s: %j', async (check, claims) => {
    expect(await refused(await signed(claims))).toEqual([check])
  })
  test('is refused when another key signed it, or no key that is published', async () => {
    expect(await refused(await signed({}, {}, stranger))).toEqual(['signature'])
    expect(await refused(await signed({}, { kid: 'other' }))).toEqual(['signature'])
    expect(await refused(await signed(), { keys: [] })).toEqual(['signature'])
  })
  test('is refused when it is none, or encrypted', async () => {
    for (const text of ['', 'a.b.c', 'a.b.c.d.e']) expect(await refused(text)).toEqual(['compact jws'])
  })
  test('without a nonce asked for, and without at_hash, those are not checked', async () => {
    const found = await checkIdToken(await signed({ nonce: undefined, at_hash: undefined }), { ...EXPECTED, nonce: undefined })
    expect(found.map(({ check }) => check)).toEqual(['signature', 'iss', 'aud', 'exp'])
  })
  test('of a refused one no token is used, and the run says why', async () => {
    const world = await startWorld()
    const { fetch } = world.page
    const page: typeof world.page = {
      ...world.page,
      fetch: async (url, init) => {
        const answer = await fetch(url, init)
        if (!url.endsWith('/token')) return answer
        return Response.json({ ...((await answer.json()) as object), id_token: await signed({}, {}, stranger) })
      },
    }
    const run = await runTo({ ...world, page }, flowOf('code-pkce'))
    expect([run.view.done, run.view.failed?.say]).toEqual([2, expect.stringContaining('The client does not take these tokens')])
    const seen = run.view.exchanges.flatMap((one) => one.seen).filter((one) => one.refused !== undefined)
    expect(seen.map(({ about, check }) => `${about}: ${check}`)).toEqual(expect.arrayContaining(['id_token: signature', 'id_token: nonce']))
  })
})

describe('ISS-02 RFC 9207 §2.4: an answer', () => {
  const check = (query: string, announcesIss = true): readonly (string | undefined)[] =>
    checkAnswer(new URLSearchParams(query), { state: 's', issuer: ISSUER, announcesIss }).map((one) =>
      one.refused === undefined ? undefined : one.check,
    )

  test.each<[string, readonly (string | undefined)[]]>([
    [`state=s&iss=${ISSUER}`, [undefined, undefined]],
    [`state=s&iss=${ISSUER}/`, [undefined, 'iss']],
    ['state=s&iss=https://thief.example', [undefined, 'iss']],
    ['state=s', [undefined, 'iss']],
    [`state=S&iss=${ISSUER}`, ['state', undefined]],
    [`iss=${ISSUER}`, ['state', undefined]],
    ['error=access_denied', ['state', 'iss']],
  ])('%s', (query, found) => {
    expect(check(query)).toEqual(found)
  })
  test('iss may be missing where the server does not announce it, and must be right all the same', () => {
    expect(check('state=s', false)).toEqual([undefined, undefined])
    expect(check('state=s&iss=https://thief.example', false)).toEqual([undefined, 'iss'])
  })
  test('JRM-07 JARM §2.4: a signed one is checked before anything in it counts', async () => {
    const { nonce: _, accessToken: __, ...expected } = EXPECTED
    expect(refusedIn(await checkJarm(await signed(), expected))).toBeUndefined()
    expect(refusedIn(await checkJarm(await signed({ aud: 'other' }), expected))).toMatchObject({
      about: 'authorization response',
      check: 'aud',
    })
    expect(refusedIn(await checkJarm(await signed({}, {}, stranger), expected))).toMatchObject({ check: 'signature', rule: 'JRM-07' })
  })
})

test('DPOP-62 RFC 9449 §5: a token that should be bound and is not is refused', () => {
  expect(checkTokenType({ token_type: 'dpop' }, true).refused).toBeUndefined()
  expect(checkTokenType({ token_type: 'bearer' }, false).refused).toBeUndefined()
  for (const [type, bound] of [
    ['Bearer', true],
    ['DPoP', false],
    [undefined, true],
  ] as const)
    expect(checkTokenType({ token_type: type }, bound).refused).toBeDefined()
})
