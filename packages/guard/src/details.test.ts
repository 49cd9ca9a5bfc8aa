import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { describe, expect, test } from 'vitest'
import { accessToken, proofFor, startApi } from './test/api.ts'

const pay = (amount: string): AuthorizationDetail => ({ type: 'payment_initiation', actions: ['initiate'], amount })
/** What a route that pays asks: this amount, in one of the details. */
const paying = (amount: string) => ({
  details: (granted: readonly AuthorizationDetail[]) =>
    granted.some(
      (one) => one.type === 'payment_initiation' && one['amount'] === amount && (one['actions'] as readonly string[]).includes('initiate'),
    ),
})

describe('authorization_details at an API', () => {
  test('RAR-14 RFC 9396 §9: a request that the details allow comes in; any other is 403 insufficient_scope', async () => {
    const api = startApi()
    const token = accessToken({ authorization_details: [pay('10'), pay('20')] })
    for (const [amount, status] of [
      ['10', 200],
      ['20', 200],
      ['30', 403],
    ] as const) {
      const answer = await api.call({ token, proof: proofFor(token) }, paying(amount))
      expect([answer.status, answer.error]).toEqual([status, status === 200 ? undefined : 'insufficient_scope'])
    }
    expect((await api.call({ token, proof: proofFor(token) })).status).toBe(200)
  })

  test('RAR-14 a claim that is no list of typed objects allows nothing', async () => {
    const seen: unknown[] = []
    const details = (granted: readonly AuthorizationDetail[]): boolean => seen.push(granted) > 0 && granted.length > 0
    const api = startApi()
    for (const claim of [undefined, 'x', {}, null, [null], ['x'], [{}], [{ type: 1 }], [pay('10'), { amount: '1' }]]) {
      const token = accessToken({ authorization_details: claim })
      expect((await api.call({ token, proof: proofFor(token) }, { details })).status).toBe(403)
    }
    expect(seen).toEqual(Array.from({ length: 9 }, () => []))
  })

  test('RAR-14 a predicate that answers anything but true, or answers later, keeps the door shut', async () => {
    const api = startApi()
    const token = accessToken({ authorization_details: [pay('10')] })
    for (const answer of [undefined, 1, 'yes', Promise.resolve(false)])
      expect((await api.call({ token, proof: proofFor(token) }, { details: () => answer as unknown as boolean })).status).toBe(403)
  })

  test('RAR-14 the details are not asked for a token that is refused anyway, and a refusal uses up no proof', async () => {
    let asked = 0
    const details = (): boolean => asked++ > 0
    const api = startApi()
    const expired = accessToken({ exp: 1 })
    expect((await api.call({ token: expired, proof: proofFor(expired) }, { details })).status).toBe(401)
    const unproven = accessToken({ authorization_details: [pay('10')] })
    expect((await api.call({ token: unproven }, { details })).status).toBe(401)
    expect((await api.call({ token: unproven, proof: proofFor(unproven) }, { details, maxAge: 60 })).status).toBe(401)
    expect(asked).toBe(0)
    const token = accessToken({ authorization_details: [pay('10')] })
    const proof = proofFor(token)
    expect((await api.call({ token, proof }, { details })).status).toBe(403)
    expect((await api.call({ token, proof }, { details })).status).toBe(200)
  })

  test('RAR-14 the details are in what a route is given', async () => {
    const token = accessToken({ authorization_details: [pay('10')] })
    const verdict = await startApi().guard.check({
      method: 'GET',
      path: '/accounts',
      query: '',
      clientAddress: '',
      headers: (name) => (name === 'authorization' ? [`DPoP ${token}`] : name === 'dpop' ? [proofFor(token)] : []),
      body: () => Promise.resolve(new Uint8Array()),
    })
    expect(verdict.kind === 'allowed' && verdict.access.authorizationDetails).toEqual([pay('10')])
  })
})
