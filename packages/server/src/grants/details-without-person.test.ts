import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { PAY, PAYMENT } from '../test/details.ts'
import { client, startServer } from '../test/server.ts'
import { JWT_BEARER } from './jwt-bearer.ts'

test.each([
  ['of a type that the client may have', JSON.stringify([PAY])],
  ['of an unknown type', '[{"type":"unknown"}]'],
  ['that are no JSON', 'x'],
])('RAR-02 RAR-05 RFC 9396 §5: authorization_details %s are refused, not dropped, where no person is asked', async (_name, details) => {
  const one = client({ grantTypes: ['client_credentials', JWT_BEARER], authorizationDetailsTypes: [PAYMENT.type] })
  const robot = new Application(await startServer([one], { authorizationDetailsTypes: [PAYMENT] }), one)
  const asked = { scope: 'accounts:read', authorization_details: details }
  expect(told(await robot.post('/token', { grant_type: 'client_credentials', ...asked }))).toBe('400 invalid_authorization_details')
  expect(told(await robot.post('/token', { grant_type: JWT_BEARER, assertion: 'e30.e30.AA', ...asked }))).toBe(
    '400 invalid_authorization_details',
  )
  expect(told(await robot.post('/token', { grant_type: 'client_credentials', scope: 'accounts:read' }))).toBe('200')
})
