import { describe, expect, it } from 'vitest'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { around, GRANT, holder, NOW, proven } from '../test/facts.ts'
import { API, client } from '../test/server.ts'
import type { Confirmation, LiveToken, SenderConstraint } from './open.ts'
import { ACCESS_TOKEN, decide } from './token-exchange.ts'

function live(confirmation: Confirmation | undefined, over: Partial<LiveToken['read']> = {}): LiveToken {
  return {
    read: {
      jti: 'j',
      sub: 'u_ada',
      clientId: 'web',
      audience: [API],
      scopes: ['accounts:read'],
      confirmation,
      issuedAt: NOW - 10,
      expiresAt: NOW + 100,
      grantId: 'g',
      ofClient: false,
      authentication: undefined,
      authorizationDetails: [],
      actor: undefined,
      mayAct: undefined,
      exchangedFrom: [],
      recordId: undefined,
      ...over,
    },
    subject: 'u_ada',
    client: client(),
    grant: { id: 'g', version: 3, value: GRANT, expiresAt: undefined },
  }
}

const params = {
  subject: { token: 't', type: ACCESS_TOKEN },
  actor: undefined,
  requested: ACCESS_TOKEN,
  scopes: undefined,
  targets: [],
  details: undefined,
} as const
const certificate = (x5t: string): SenderConstraint => ({ jkt: undefined, x5t, proof: undefined })

function answered(confirmation: Confirmation | undefined, binding: SenderConstraint | undefined): string {
  const { answer } = decide({ ...around(), params, facts: { subject: live(confirmation), actor: undefined }, binding })
  return answer instanceof OAuthError ? answer.code : 'issued'
}

describe('the keys of a bound subject token (RFC 8705 §3, RFC 9449 §6)', () => {
  it('TEX-11 MTLS-29 A69 each of them must be proven, and it alone is not enough for the other', () => {
    const cert = { jkt: undefined, x5t: 'c' }
    expect(answered(cert, certificate('c'))).toBe('issued')
    expect(answered(cert, certificate('d'))).toBe('invalid_request')
    expect(answered(cert, holder('k'))).toBe('invalid_request')
    expect(answered(cert, undefined)).toBe('invalid_request')
    const both = { jkt: 'k', x5t: 'c' }
    expect(answered(both, { ...holder('k'), x5t: 'c' })).toBe('issued')
    expect(answered(both, holder('k'))).toBe('invalid_request')
    expect(answered(both, certificate('c'))).toBe('invalid_request')
    // A bearer token becomes bound when its client proves a key: narrower, not wider.
    expect(answered(undefined, holder('k'))).toBe('issued')
  })
})

describe('what must be true when the answer is stored', () => {
  it('TEX-07 the grant and the record of an opaque token, as they were read, once each', () => {
    const token = live(undefined, { recordId: 'r' })
    const { changes } = decide({
      ...around(),
      client: proven(),
      params: { ...params, actor: params.subject },
      facts: { subject: token, actor: token },
      binding: undefined,
    })
    expect(changes).toMatchObject([
      { op: 'require', kind: 'grant', id: 'g', expected: 3 },
      { op: 'require', kind: 'access_token', id: 'r', expected: 1 },
      { op: 'insert', kind: 'audit_event' },
    ])
    expect(changes).toHaveLength(3)
  })

  it('TEX-03 a refusal writes nothing', () => {
    const { answer, changes } = decide({ ...around(), params, facts: { subject: undefined, actor: undefined } })
    expect(answer).toMatchObject({ code: 'invalid_request', rule: 'TEX-03' })
    expect(changes).toEqual([])
  })
})
