import { generateKeyPair } from '@holdfast/proof/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Reply } from '@holdfast/protocol/http'
import type { NamedCheck } from '@holdfast/protocol/witness'
import { claimChecks, signatureChecks } from '../authorization-server/logout-token.ts'
import { FOREIGN } from '../test/foreign-server.ts'
import { type Heard, hearing } from '../test/heard.ts'
import { SHOP, startWorld, type World } from '../test/world.ts'

type Members = Readonly<Record<string, unknown>>

let world: World
let heard: Heard
beforeEach(() => {
  world = startWorld()
  heard = hearing(world)
})
afterEach(() => expect(world.net.faults).toEqual([]))

const names = ['compact jws', 'alg', 'signature', 'required claims', 'iss', 'aud', 'iat', 'nbf', 'exp', 'iat age', 'iat ahead', 'typ']
  .concat('no nonce', 'events', 'jti', 'sub and sid', 'sub or sid')
  .map((check) => `logout token: ${check}`)
const ALL = ['logout token: one logout_token', ...names, 'logout token: jti is new']
const now = 1_800_000_000

function claims(over: Members = {}): Members {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const all = { iss: FOREIGN, aud: 'shop', iat: now, exp: now + 120, jti: 'a notice', events, sub: 'u1', sid: 'sid of u1', ...over }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
const signed = (over: Members = {}, header: Members = {}): string => world.server.sign(claims(over), { typ: 'logout+jwt', ...header })

function post(token: string, name = 'logout_token'): Promise<Reply> {
  const headers = [['content-type', 'application/x-www-form-urlencoded']] as const
  return world.net.send(`${SHOP}/bff/backchannel-logout`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ [name]: token }).toString(),
  })
}

/** Another algorithm in the header, over a signature that stays. */
function relabelled(alg: string): string {
  const [, payload, signature] = signed().split('.')
  return [Buffer.from(JSON.stringify({ alg, typ: 'logout+jwt' })).toString('base64url'), payload, signature].join('.')
}

describe('what a witness hears of a logout token (Back-Channel Logout §2.6)', () => {
  test('LOGO-13: every check of a good one, in order', async () => {
    expect((await post(signed())).status).toBe(200)
    expect(heard.names()).toEqual(ALL)
    for (const { rule, refused } of heard.findings) expect([rule, refused]).toEqual(['LOGO-13', undefined])
  })

  test.each<[string, () => string]>([
    ['compact jws', () => 'no token'],
    ['alg', () => relabelled('HS256')],
    ['signature', () => world.server.sign(claims(), { typ: 'logout+jwt' }, generateKeyPair('ES256'))],
    ['signature', () => signed({}, { kid: 'k9' })],
    ['required claims', () => signed({ events: undefined })],
    ['iss', () => signed({ iss: 'https://evil.example' })],
    ['aud', () => signed({ aud: ['other'] })],
    ['iat', () => signed({ iat: 'now' })],
    ['nbf', () => signed({ nbf: now + 11 })],
    ['exp', () => signed({ exp: now - 10 })],
    ['iat age', () => signed({ iat: now - 311 })],
    ['iat ahead', () => signed({ iat: now + 11 })],
    ['typ', () => signed({}, { typ: 'at+jwt' })],
    ['no nonce', () => signed({ nonce: 'n' })],
    ['events', () => signed({ events: {} })],
    ['jti', () => signed({ jti: 7 })],
    ['sub and sid', () => signed({ sub: ['u1'] })],
    ['sub or sid', () => signed({ sub: undefined, sid: undefined })],
  ])('LOGO-13: the list ends in what refused it: %s', async (check, make) => {
    const reply = await post(make())
    const { error_description: description } = JSON.parse(reply.body) as Record<string, string>
    expect(reply.status).toBe(400)
    expect(heard.names()).toEqual(ALL.slice(0, ALL.indexOf(`logout token: ${check}`) + 1))
    expect(heard.findings.at(-1)).toEqual({ about: 'logout token', check, rule: 'LOGO-13', refused: description })
    expect(heard.findings.slice(0, -1).filter(({ refused }) => refused !== undefined)).toEqual([])
  })

  test('LOGO-13: one that comes again, and a request without one', async () => {
    await post(signed())
    heard.forget()
    expect((await post(signed())).status).toBe(400)
    expect(heard.names()).toEqual(ALL)
    expect(heard.findings.at(-1)).toMatchObject({ check: 'jti is new', refused: 'jti was used before' })
    heard.forget()
    expect((await post(signed(), 'token')).status).toBe(400)
    expect(heard.findings).toMatchObject([{ check: 'one logout_token', refused: expect.any(String) }])
  })

  test('LOGO-13: keys that cannot be had are no refusal', async () => {
    world.net.cut(FOREIGN)
    expect((await post(signed())).status).toBe(503)
    expect(heard.names()).toEqual(['logout token: one logout_token'])
  })
})

test('every check of the tables has a token that it refuses', () => {
  expect([...signatureChecks, ...claimChecks].map(({ name }) => `logout token: ${name}`)).toEqual(names)
})

test('LOGO-13: a row that is taken out is heard of no more, and refuses no more', async () => {
  const rows = claimChecks as unknown as NamedCheck<never, never>[]
  const index = rows.findIndex(({ name }) => name === 'aud')
  const [row] = rows.splice(index, 1)
  try {
    expect((await post(signed({ aud: 'other' }))).status).toBe(200)
    expect(heard.names()).toEqual(ALL.filter((name) => name !== 'logout token: aud'))
  } finally {
    rows.splice(index, 0, row as NamedCheck<never, never>)
  }
})

test('LOGO-13: what it hears holds nothing of the token', async () => {
  const token = signed()
  await post(token)
  await post(token)
  const text = JSON.stringify(heard.findings)
  for (const part of [...token.split('.'), 'u1', 'a notice']) expect(text).not.toContain(part)
})
