import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { describe, expect, test } from 'vitest'
import { readClient } from '../config/read-client.ts'
import { OTHER_KEY, told } from '../test/application.ts'
import { asking, phone } from '../test/challenged.ts'
import { ACCOUNTS, claimsOf, details, PAY, PAYMENT, SEE } from '../test/details.ts'
import { Person } from '../test/person.ts'
import { ISSUER } from '../test/server.ts'

describe('the device', () => {
  test('FIPA-22 FIPA-23 a key that comes after the sign-in does not make a stolen auth_session a signed-in device', async () => {
    const own = await phone({}, { unbound: true })
    await own.code()
    const thief = own.elsewhere(OTHER_KEY)
    const first = await thief.send(asking())
    expect([told(first), first.body['next']]).toEqual(['400 insufficient_authorization', ['password']])
    expect(told(await thief.send(asking()))).toBe('400 insufficient_authorization')
  })
})

const AUTHORIZATION_DETAILS = { authorizationDetailsTypes: ['payment_initiation', 'account_information'] }

describe('authorization_details (RFC 9396)', () => {
  test('RAR-12 RFC 9396 §7.1: what the operator adds to what was asked is granted here too', async () => {
    const enrich = (detail: AuthorizationDetail, who: object): AuthorizationDetail => ({ ...detail, identifier: JSON.stringify(who) })
    const own = await phone(AUTHORIZATION_DETAILS, { authorizationDetailsTypes: [{ ...ACCOUNTS, enrich }] })
    const { body } = await own.redeem(await own.code({ authorization_details: details(SEE) }))
    expect(body['authorization_details']).toEqual([{ ...SEE, identifier: '{"subject":"u_ada","clientId":"phone"}' }])
  })
  test('RAR-04 FIPA-18 what is asked for every time is asked on our pages, also on a device where somebody signed in', async () => {
    const own = await phone(AUTHORIZATION_DETAILS, { authorizationDetailsTypes: [PAYMENT, ACCOUNTS] })
    await own.code()
    expect(told(await own.send(asking({ authorization_details: details(SEE, PAY), prompt: 'none' })))).toBe('400 consent_required')
    const answer = await own.send(asking({ authorization_details: details(SEE, PAY) }))
    expect(told(answer)).toBe('400 redirect_to_web')
    const person = new Person(own.app.as)
    const query = new URLSearchParams({ client_id: 'phone', request_uri: String(answer.body['request_uri']) })
    const back = await person.signIn(await person.authorize(query))
    expect((await person.go(back.location ?? '')).text).toContain('Merchant A')
    expect(told(await own.start({ authorization_details: details(PAY) }))).toBe('400 redirect_to_web')
    expect(told(await own.start({ authorization_details: details(SEE) }))).toBe('400 insufficient_authorization')
  })
})

test('JAR-14 RFC 9101 §10.5: where every request must be signed, there is no unsigned way past it', async () => {
  const own = await phone({}, { requireSignedRequestObject: true })
  expect(told(await own.start())).toBe('400 unauthorized_client')
})

test('FAPI-31 first_party is for no profile of FAPI 2.0', () => {
  const app = {
    client_id: 'phone',
    profile: 'fapi2-message-signing',
    token_endpoint_auth_method: 'private_key_jwt',
    application_type: 'native',
    jwks_uri: 'https://app.example/jwks',
    redirect_uris: ['com.example.phone:/callback'],
    first_party: true,
  }
  const { faults } = readClient(app, { profile: 'oauth21', grantTypes: ['authorization_code', 'refresh_token'], resources: [] }, 'c')
  expect(faults.map(({ path }) => path)).toContain('c.first_party')
})

test('FMS-09 JRM-01 FIPA-18 the way to the web ends in a mode that the client takes: never unsigned where it asks for signatures', async () => {
  const own = await phone({ responseModes: ['query.jwt'] })
  const { body } = await own.start({ prompt: 'consent', state: 's' })
  const person = new Person(own.app.as)
  const query = new URLSearchParams({ client_id: 'phone', request_uri: String(body['request_uri']) })
  const page = await person.go((await person.signIn(await person.authorize(query))).location ?? '')
  const { location } = await person.submit(page, { answer: 'allow' })
  expect([...(location?.searchParams.keys() ?? [])]).toEqual(['response'])
  expect(claimsOf(location?.searchParams.get('response') ?? '')).toMatchObject({ iss: ISSUER, state: 's' })
})
