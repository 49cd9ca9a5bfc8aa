import { describe, expect, test } from 'vitest'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { ADA, around, GRANT, holder, NOW, proven } from '../test/facts.ts'
import { CHALLENGE, VERIFIER } from '../test/person.ts'
import { ISSUER } from '../test/server.ts'
import { decide } from './authorization-code.ts'

type Input = Parameters<typeof decide>[0]
type Code = NonNullable<Input['facts']['code']>['value']

const CODE: Code = {
  secretHash: 'hash of the secret',
  grantId: 'the grant',
  clientId: 'web',
  redirectUri: 'https://app.example/callback',
  challenge: { value: CHALLENGE, method: 'S256' },
  dpopJkt: undefined,
  instance: undefined,
  nonce: 'the nonce',
  issuedAt: NOW - 30,
  redeemedAt: undefined,
}

/** A right redemption; a test overwrites what it is about. */
function input(
  over: {
    readonly code?: Partial<Code> | null
    readonly params?: Partial<Input['params']>
    readonly facts?: Partial<Input['facts']>
  } & Partial<Omit<Input, 'params' | 'facts'>> = {},
): Input {
  const { code, params, facts, ...rest } = over
  return {
    ...around(),
    params: { code: 'as sent', redirectUri: undefined, verifier: VERIFIER, resources: [], details: undefined, ...params },
    facts: {
      code: code === null ? undefined : { id: 'the code', version: 1, value: { ...CODE, ...code }, expiresAt: NOW + 30 },
      grant: { id: 'the grant', version: 1, value: GRANT, expiresAt: NOW + 30 },
      account: ADA,
      ...facts,
    },
    ...rest,
  }
}

/** The refusal's code and requirement, and what it writes. */
function refusal(one: Input): readonly unknown[] {
  const { answer, changes } = decide(one)
  if (!(answer instanceof OAuthError)) throw new Error('it was answered')
  return [answer.code, answer.rule, changes.length]
}

describe('a right redemption', () => {
  const { answer, changes } = decide(input())

  test('OA-50 OA-24 is answered with what was granted', () => {
    expect(answer).toMatchObject({
      subject: 'u_ada',
      grantId: 'the grant',
      audience: ['https://api.example/accounts', ISSUER],
      scopes: ['openid', 'accounts:read'],
      confirmation: undefined,
      format: 'jwt',
      issuedAt: NOW,
      expiresAt: NOW + 300,
      idToken: { nonce: 'the nonce', sid: 'the session', expiresAt: NOW + 300 },
      refreshToken: { familyId: '0'.repeat(26), generation: 1, salt: 'the salt', keyId: 's1' },
    })
  })

  test('OA-50 spends the code and holds the grant in its own commit, and the code stays as long as the family', () => {
    const end = GRANT.createdAt + 30 * 24 * 3600
    expect(changes.map(({ op, kind }) => `${op} ${kind}`)).toEqual([
      'replace authorization_code',
      'replace grant',
      'insert refresh_family',
      'insert audit_event',
    ])
    expect(changes[0]).toMatchObject({ expected: 1, value: { redeemedAt: NOW }, expiresAt: end })
    expect(changes[1]).toMatchObject({ expected: 1, value: GRANT, expiresAt: end })
    expect(changes[2]).toMatchObject({
      value: { grantId: 'the grant', generation: 1, scopes: GRANT.scopes, endsAt: end, usedAt: NOW, jkt: undefined },
    })
  })

  test('the same facts give the same decision', () => {
    const [first, second] = [decide(input()), decide(input())]
    expect(first.answer).toEqual(second.answer)
  })
})

describe('OA-51 the order: owner first, then used, then time', () => {
  const used = { redeemedAt: NOW - 10 }
  test.each<[string, Input, readonly unknown[]]>([
    ['OA-50 no such code', input({ code: null }), ['invalid_grant', 'OA-50', 0]],
    ['OA-52 another client, though used', input({ code: { ...used, clientId: 'other' } }), ['invalid_grant', 'OA-52', 0]],
    [
      'OA-55 another redirect_uri, though used',
      input({ code: used, params: { redirectUri: 'https://app.example/other' } }),
      ['invalid_grant', 'OA-55', 0],
    ],
    ['OA-53 a wrong verifier, though used', input({ code: used, params: { verifier: 'w'.repeat(43) } }), ['invalid_grant', 'OA-53', 0]],
    ['OA-53 no verifier, though used', input({ code: used, params: { verifier: undefined } }), ['invalid_grant', 'OA-53', 0]],
    ['OA-54 a malformed verifier, though used', input({ code: used, params: { verifier: 'short' } }), ['invalid_grant', 'OA-54', 0]],
    [
      'DPOP-31 another key, though used',
      input({ code: { ...used, dpopJkt: 'bound' }, binding: holder('another') }),
      ['invalid_grant', 'DPOP-31', 0],
    ],
    ['DPOP-31 no key, though used', input({ code: { ...used, dpopJkt: 'bound' } }), ['invalid_grant', 'DPOP-31', 0]],
    ['OA-50 the owner again', input({ code: used }), ['invalid_grant', 'OA-50', 4]],
    ['OA-50 the owner again, long after', input({ code: { ...used, issuedAt: NOW - 9999 } }), ['invalid_grant', 'OA-50', 4]],
    ['OA-50 the owner again, when all is revoked', input({ code: used, facts: { grant: undefined } }), ['invalid_grant', 'OA-50', 0]],
    ['OA-29 too late', input({ code: { issuedAt: NOW - 60 } }), ['invalid_grant', 'OA-29', 0]],
    ['OA-58 the grant is gone', input({ facts: { grant: undefined } }), ['invalid_grant', 'OA-58', 0]],
    ['RT-09 the person is gone', input({ facts: { account: undefined } }), ['invalid_grant', 'RT-09', 0]],
    ['RT-09 the person is disabled', input({ facts: { account: { ...ADA, disabled: true } } }), ['invalid_grant', 'RT-09', 0]],
    ['RES-06 two resources', input({ params: { resources: ['https://api.example/accounts', ISSUER] } }), ['invalid_target', 'RES-06', 0]],
  ])('%s', (_name, one, expected) => {
    expect(refusal(one)).toEqual(expected)
  })

  test('OA-50 a replay deletes grant and families in the commit of its refusal', () => {
    const { changes } = decide(input({ code: used }))
    expect(changes.map(({ op, kind }) => `${op} ${kind}`)).toEqual([
      'deleteBy refresh_family',
      'require grant',
      'delete grant',
      'insert audit_event',
    ])
  })
})

describe('keys', () => {
  test('DPOP-22 DPOP-24 the token is bound to the key of the proof; of a public client the family too', () => {
    const { answer, changes } = decide(input({ binding: holder('the key'), client: proven({ tokenEndpointAuthMethod: 'none' }) }))
    expect(answer).toMatchObject({ confirmation: { jkt: 'the key' } })
    expect(changes[2]).toMatchObject({ value: { jkt: 'the key' } })
  })
  test('DPOP-25 of a confidential client the family is bound to none', () => {
    const { answer, changes } = decide(input({ binding: holder('the key') }))
    expect(answer).toMatchObject({ confirmation: { jkt: 'the key' } })
    expect(changes[2]).toMatchObject({ value: { jkt: undefined } })
  })
  test('DPOP-31 the key that the code is bound to', () => {
    expect(decide(input({ code: { dpopJkt: 'bound' }, binding: holder('bound') })).answer).toMatchObject({ confirmation: { jkt: 'bound' } })
  })
})

test('RT-11 the access token ends with the grant', () => {
  const { policy } = around()
  const short = { ...policy, lifetimes: { ...policy.lifetimes, refreshTokenAbsolute: 300 } }
  expect(decide(input({ policy: short })).answer).toMatchObject({ expiresAt: GRANT.createdAt + 300 })
})

test('a client without the refresh grant gets no family, and no ID token without openid', () => {
  const { answer, changes } = decide(
    input({
      client: proven({ grantTypes: ['authorization_code'] }),
      facts: { grant: { id: 'the grant', version: 1, value: { ...GRANT, scopes: ['accounts:read'] }, expiresAt: NOW + 30 } },
    }),
  )
  expect(answer).toMatchObject({ refreshToken: undefined, idToken: undefined, audience: ['https://api.example/accounts'] })
  expect(changes.some(({ kind }) => kind === 'refresh_family')).toBe(false)
})
