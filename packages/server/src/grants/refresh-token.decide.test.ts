import { OAuthError } from '@holdfast/protocol/oauth-error'
import { describe, expect, test } from 'vitest'
import { ADA, around, GRANT, holder, NOW, proven } from '../test/facts.ts'
import { API, ISSUER } from '../test/server.ts'
import { decide } from './refresh-token.ts'

type Input = Parameters<typeof decide>[0]
type Family = NonNullable<Input['facts']['family']>['value']

const DAY = 24 * 3600
const FAMILY: Family = {
  grantId: 'the grant',
  clientId: 'web',
  generation: 5,
  rotatedAt: NOW - 9,
  salt: 'the salt',
  keyId: 's1',
  jkt: undefined,
  x5t: undefined,
  instance: undefined,
  authorizationDetails: [],
  scopes: GRANT.scopes,
  resources: [],
  endsAt: NOW + 20 * DAY,
  usedAt: NOW - 9,
}

/** A right refresh with the current generation; a test overwrites what it is about. */
function input(
  over: {
    readonly generation?: number
    readonly family?: Partial<Family>
    readonly params?: Partial<Input['params']>
    readonly facts?: Partial<Input['facts']>
  } & Partial<Omit<Input, 'params' | 'facts'>> = {},
): Input {
  const { generation = 5, family, params, facts, ...rest } = over
  return {
    ...around(),
    params: {
      token: { keyId: 's1', familyId: 'the family', generation, mac: 'checked while loading' },
      scopes: undefined,
      resources: [],
      details: undefined,
      ...params,
    },
    facts: {
      family: { id: 'the family', version: 7, value: { ...FAMILY, ...family }, expiresAt: undefined },
      mac: 'genuine',
      grant: { id: 'the grant', version: 2, value: GRANT, expiresAt: undefined },
      account: ADA,
      ...facts,
    },
    ...rest,
  }
}

function outcome(one: Input): readonly unknown[] {
  const { answer, changes } = decide(one)
  const first = answer instanceof OAuthError ? [answer.code, answer.rule] : ['answered', answer.refreshToken?.generation]
  return [...first, ...changes.map(({ op, kind }) => `${op} ${kind}`)]
}

const ROTATED = ['answered', 6, 'replace refresh_family', 'require grant', 'insert audit_event']
const RETRIED = ['answered', 5, 'require refresh_family', 'require grant', 'insert audit_event']
const REUSED = ['invalid_grant', 'RT-03', 'require refresh_family', 'deleteBy refresh_family', 'delete grant', 'insert audit_event']

describe('RT-03 RT-04 the generation decides, last of all', () => {
  test.each<[string, Input, readonly unknown[]]>([
    ['the current one rotates', input(), ROTATED],
    ['RT-04 the predecessor after 9 s is a retry', input({ generation: 4 }), RETRIED],
    ['RT-03 the predecessor after 10 s is reuse', input({ generation: 4, family: { rotatedAt: NOW - 10 } }), REUSED],
    ['RT-03 the one before it is reuse', input({ generation: 3 }), REUSED],
    ['RT-03 the first one is reuse', input({ generation: 1 }), REUSED],
    ['RT-03 a predecessor in a family that never rotated is reuse', input({ generation: 4, family: { rotatedAt: undefined } }), REUSED],
    ['OA-57 one that was never made is refused and no more', input({ generation: 6 }), ['invalid_grant', 'OA-61']],
  ])('%s', (_name, one, expected) => {
    expect(outcome(one)).toEqual(expected)
  })

  test('RT-02 RT-05 a rotation is one conditional replace: next generation, now, the newest key; scopes and end stay', () => {
    const { changes } = decide(input({ params: { scopes: ['openid'] }, family: { keyId: 's0' } }))
    expect(changes[0]).toEqual({
      op: 'replace',
      kind: 'refresh_family',
      id: 'the family',
      expected: 7,
      value: { ...FAMILY, generation: 6, rotatedAt: NOW, keyId: 's1', usedAt: NOW },
      expiresAt: NOW + 7 * DAY,
    })
  })

  test('RT-04 a retry writes nothing to the family and is told the successor as it is', () => {
    const { answer } = decide(input({ generation: 4, family: { keyId: 's9' } }))
    expect(answer).toMatchObject({ refreshToken: { familyId: 'the family', generation: 5, salt: 'the salt', keyId: 's9' } })
  })
})

describe('RT-06 what comes before the generation never revokes', () => {
  test.each<[string, Input, readonly unknown[]]>([
    ['OA-57 no token', input({ params: { token: undefined } }), ['invalid_grant', 'OA-57']],
    ['OA-57 a forged token', input({ generation: 3, facts: { family: undefined, mac: 'forged' } }), ['invalid_grant', 'OA-57']],
    [
      'OA-57 a token under a retired key',
      input({ generation: 3, facts: { family: undefined, mac: 'retired' } }),
      ['invalid_grant', 'OA-57'],
    ],
    ['OA-57 another client', input({ generation: 3, family: { clientId: 'other' } }), ['invalid_grant', 'OA-57']],
    ['DPOP-24 another key', input({ generation: 3, family: { jkt: 'bound' }, binding: holder('another') }), ['invalid_grant', 'DPOP-24']],
    ['DPOP-24 no key', input({ generation: 3, family: { jkt: 'bound' } }), ['invalid_grant', 'DPOP-24']],
    ['RT-08 after the absolute end', input({ generation: 3, family: { endsAt: NOW } }), ['invalid_grant', 'OA-61']],
    ['OA-61 after the idle time', input({ generation: 3, family: { usedAt: NOW - 7 * DAY } }), ['invalid_grant', 'OA-61']],
    ['OA-58 the grant is gone', input({ generation: 3, facts: { grant: undefined } }), ['invalid_grant', 'OA-58']],
    ['RT-09 the person is gone', input({ generation: 3, facts: { account: undefined } }), ['invalid_grant', 'RT-09']],
  ])('%s', (_name, one, expected) => {
    expect(outcome(one)).toEqual(expected)
  })
})

describe('what is asked for is checked before anything is written', () => {
  test.each<[string, Input, readonly unknown[]]>([
    ['OA-59 scope beyond the grant, current', input({ params: { scopes: ['accounts:write'] } }), ['invalid_scope', 'OA-59']],
    ['OA-59 scope beyond the grant, retried', input({ generation: 4, params: { scopes: ['accounts:write'] } }), ['invalid_scope', 'OA-59']],
    [
      'RES-04 a resource beyond the grant',
      input({ family: { resources: [API] }, params: { resources: [ISSUER] } }),
      ['invalid_target', 'RES-04'],
    ],
  ])('%s', (_name, one, expected) => {
    expect(outcome(one)).toEqual(expected)
  })
})

describe('RT-01 who rotates', () => {
  const bound = { binding: holder('a key') }
  test.each<[string, Input, readonly unknown[]]>([
    ['FAPI-17 confidential and bound: no', input(bound), ['answered', 5, 'require refresh_family', 'require grant']],
    [
      'confidential and bound, a day idle: no, but the idle time starts anew',
      input({ ...bound, family: { usedAt: NOW - 2 * DAY } }),
      ['answered', 5, 'replace refresh_family', 'require grant'],
    ],
    ['confidential and bearer: yes', input(), ROTATED],
    ['public and bound: yes', input({ ...bound, client: proven({ tokenEndpointAuthMethod: 'none' }) }), ROTATED],
    ['public and bearer: yes', input({ client: proven({ tokenEndpointAuthMethod: 'none' }) }), ROTATED],
    ['RT-03 an older generation is reuse for those who do not rotate now, too', input({ ...bound, generation: 3 }), REUSED],
  ])('%s', (_name, one, expected) => {
    expect(outcome(one)).toEqual(expected)
  })
})

test('RT-11 TOK-06 the access token ends with the family, and tells of the sign-in what it told before', () => {
  const { answer } = decide(input({ family: { endsAt: NOW + 100 } }))
  expect(answer).toMatchObject({ expiresAt: NOW + 100, authentication: { authTime: NOW - 60, amr: ['pwd'] } })
})
