import { describe, expect, test } from 'vitest'
import { readMachineClient } from './machine-client.ts'
import { type MachineContext, nameKey } from './machine-metadata.ts'
import { registrationOf } from './registration.ts'

const CREDENTIALS = 'client_credentials'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const context: MachineContext = {
  policy: registrationOf({ policy: { grantTypes: ['authorization_code', CREDENTIALS, EXCHANGE] } }).policy,
  resources: [],
  grantTypes: ['authorization_code', 'refresh_token', CREDENTIALS, EXCHANGE],
  authorizationDetailsTypes: [],
  authMethods: ['none', 'client_secret_basic', 'private_key_jwt'],
  reservedNames: new Set([nameKey('Bank of Example')]),
}
const read = (given: Readonly<Record<string, unknown>>, vouched = false): ReturnType<typeof readMachineClient> =>
  readMachineClient(
    { redirect_uris: ['https://app.example/cb'], ...given },
    { clientId: 'c_1', origin: 'machine', secretHash: 'A'.repeat(43), vouched },
    context,
  )

describe('A46 REG-05 a client that nobody vouched for acts for people alone', () => {
  const grant_types = ['authorization_code', CREDENTIALS, EXCHANGE]
  test('what the policy has of grants without a person is for those whom an operator let in', () => {
    expect(read({ grant_types })).toMatchObject({ client: { grantTypes: ['authorization_code'] } })
    expect(read({ grant_types }, true)).toMatchObject({ client: { grantTypes: grant_types } })
  })
  test('asked for nothing else, it is refused', () => {
    expect(read({ grant_types: [CREDENTIALS], redirect_uris: undefined })).toEqual(
      expect.arrayContaining([{ path: 'grant_types', message: 'must have one of authorization_code' }]),
    )
  })
  test('REG-07 with that grant alone there is no response type', () => {
    expect(read({ grant_types: [CREDENTIALS], redirect_uris: undefined, scope: undefined }, true)).toMatchObject({
      client: { grantTypes: [CREDENTIALS], redirectUris: [] },
      metadata: { response_types: [] },
    })
  })
})

describe('REG-10 names that people would take for another', () => {
  test.each(['bank of example', 'BANK OF EXAMPLE', 'Bank-of-Example!', 'Ｂａｎｋ of Example', ' Bank  of  Example '])(
    '%s',
    (client_name) => {
      expect(read({ client_name })).toEqual([{ path: 'client_name', message: 'is the name of another client here' }])
    },
  )
  test('another name is fine', () => {
    expect(read({ client_name: 'Bank of Examples' })).toMatchObject({ client: { clientName: 'Bank of Examples' } })
  })
})

test('REG-14 no fault hides another', () => {
  const faults = read({ scope: 'admin', grant_types: ['password'], application_type: 'tv', redirect_uris: ['http://x.example'] })
  expect(Array.isArray(faults) ? faults.map(({ path }) => path).toSorted() : faults).toEqual(['application_type', 'grant_types', 'scope'])
})
