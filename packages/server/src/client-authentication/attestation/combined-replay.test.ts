import { expect, test } from 'vitest'
import { tally, times, told } from '../../test/application.ts'
import { INSTANCE, type Wallet, wallet } from '../../test/attested.ts'

const combined = (): Promise<Wallet> => wallet({ tokenEndpointAuthMethod: 'attest_jwt_client_auth_dpop' }, {}, INSTANCE)

test.each(['/revoke', '/introspect'])(
  'ABCA-12 DPOP-16 %s binds nothing, and of fifty uses of the DPoP proof that authenticates one is answered',
  async (path) => {
    const one = await combined()
    one.application.nonce = one.challenge
    const dpop = one.application.proof(path)
    const answers = await Promise.all(
      times(50, () => one.application.post(path, { token: 'unknown' }, { credentials: one.combined(), dpop })),
    )
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_dpop_proof': 49 })
    // A later one too.
    expect(told(await one.application.post(path, { token: 'unknown' }, { credentials: one.combined(), dpop }))).toBe(
      '400 invalid_dpop_proof',
    )
  },
)

test('ABCA-09 where the same proof authenticates and binds it is burnt once, and the request is answered', async () => {
  const one = await combined()
  const code = await one.application.code()
  const answer = await one.application.redeem(code, {}, { credentials: one.combined() })
  expect(told(answer)).toBe('200')
  expect(answer.body['token_type']).toBe('DPoP')
})
