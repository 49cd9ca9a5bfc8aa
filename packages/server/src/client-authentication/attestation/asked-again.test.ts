import { expect, test } from 'vitest'
import { tally, times } from '../../test/application.ts'
import { INSTANCE, STRANGER, wallet } from '../../test/attested.ts'

/** More than the failed attempts that one client may have from one address in a minute. */
const FLOOD = 40

test('ABCA-08 OA-49 instances behind one address that are asked for the challenge lock no other one out', async () => {
  const one = await wallet()
  const challenge = one.challenge
  one.challenge = undefined
  expect(tally(await Promise.all(times(FLOOD, () => one.ask(one.credentials()))))).toEqual({ '400 use_attestation_challenge': FLOOD })
  one.challenge = challenge
  expect(tally([await one.ask(one.credentials())])).toEqual({ '400 invalid_grant': 1 })
  expect(one.application.as.logged.filter((line) => line.includes('request refused') && line.includes('attestation'))).toEqual([])
})

test('ABCA-09 OA-49 nor do those that are asked for the nonce in combined mode', async () => {
  const one = await wallet({ tokenEndpointAuthMethod: 'attest_jwt_client_auth_dpop' }, {}, INSTANCE)
  const asked = times(FLOOD, () => one.ask(one.combined(), one.application.proof('/token', { nonce: undefined })))
  expect(tally(await Promise.all(asked))).toEqual({ '400 use_dpop_nonce': FLOOD })
  one.application.nonce = one.challenge
  expect(tally([await one.ask(one.combined(), one.application.proof('/token'))])).toEqual({ '400 invalid_grant': 1 })
})

test('ABCA-05 OA-49 nor those whose attestation has grown old', async () => {
  const one = await wallet({}, { maxAge: 60 })
  const old = one.attestation({ claims: { iat: one.application.as.clock.now() - 61 } })
  expect(tally(await Promise.all(times(FLOOD, () => one.ask(one.credentials(old)))))).toEqual({ '400 use_fresh_attestation': FLOOD })
  expect(tally([await one.ask(one.credentials())])).toEqual({ '400 invalid_grant': 1 })
})

test('ABCA-03 OA-49 attestations by nobody who is trusted still count as guesses', async () => {
  const one = await wallet()
  for (const answer of await Promise.all(times(FLOOD, () => one.ask(one.credentials(one.attestation({ key: STRANGER }))))))
    expect(answer.status).toBe(401)
  expect(tally([await one.ask(one.credentials())])).toEqual({ '401 invalid_client': 1 })
})
