import { expect, test } from 'vitest'
import { Application, type Parameters, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { METADATA, startRegistrar } from '../test/registrar.ts'

const pushed = (clientId: string, redirectUri: string): Parameters =>
  Object.fromEntries(authorizationParameters({ client_id: clientId, redirect_uri: redirectUri, scope: 'openid' }))

test('REG-24 CAUTH-05 a client that updated its metadata is not told in the same second that its credentials are wrong', async () => {
  const registrar = await startRegistrar()
  const made = await registrar.register()
  const one = new Application(registrar.as, await registrar.stored(made))
  const push = pushed(one.client.clientId, one.client.redirectUris[0] ?? '')
  expect(told(await one.post('/par', push))).toBe('201')
  expect((await registrar.manage('PUT', made, { ...METADATA, client_id: one.client.clientId, client_name: 'Other' })).status).toBe(200)
  const answer = await one.post('/par', push)
  expect(told(answer)).toBe('503 temporarily_unavailable')
  expect(answer.headers.get('retry-after')).toBe('1')
  // No second has to pass: what was cached is forgotten.
  expect(told(await one.post('/par', push))).toBe('201')
})
