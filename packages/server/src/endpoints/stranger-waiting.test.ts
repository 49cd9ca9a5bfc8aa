import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { askPerson, CIBA, openApprovals } from '../test/backchannel.ts'
import { askDevice, DEVICE_CODE, television, typeCode } from '../test/device.ts'
import { Person } from '../test/person.ts'
import { metadata, startRegistrar } from '../test/registrar.ts'

const words = (text: string): string => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const UNCHECKED = 'This app registered itself here. Nobody has checked its name.'
const policy = { grantTypes: [DEVICE_CODE, CIBA], scopes: ['openid', 'profile'] }

test('REG-10 MCP-08 RFC 8628 §5.4: who connects a device of a client that registered itself is told that nobody checked it', async () => {
  const registrar = await startRegistrar({ open: true, policy })
  const answer = await registrar.register(metadata({ client_name: 'My Bank', grant_types: [DEVICE_CODE], redirect_uris: undefined }))
  const app = new Application(registrar.as, await registrar.stored(answer))
  const text = words((await typeCode(new Person(registrar.as), (await askDevice(app)).userCode)).text)
  expect(text).toContain('Connect My Bank ?')
  expect(text).toContain(UNCHECKED)
  expect(text).not.toContain('It runs on this device')
})

test('CIMD-11 who connects a device of a client that publishes itself is told where', async () => {
  const registrar = await startRegistrar({ clientIdMetadataDocuments: { enabled: true }, policy })
  const client_id = 'https://tools.editor.example/client.json'
  registrar.places.put(client_id, {
    client_id,
    client_name: 'Editor',
    grant_types: [DEVICE_CODE],
    redirect_uris: ['http://127.0.0.1/cb'],
  })
  const app = new Application(registrar.as, television({ clientId: client_id }))
  const text = words((await typeCode(new Person(registrar.as), (await askDevice(app)).userCode)).text)
  expect(text).toContain('This app is published by tools.editor.example . Nobody here has checked it.')
  expect(text).not.toContain('It runs on this device')
})

test('REG-10 MCP-08 CIBA Core §8: who is asked elsewhere by a client that registered itself is told that nobody checked it', async () => {
  const registrar = await startRegistrar({ open: true, policy })
  const answer = await registrar.register(
    metadata({
      client_name: 'My Bank',
      grant_types: [CIBA],
      redirect_uris: undefined,
      token_endpoint_auth_method: 'client_secret_post',
      backchannel_token_delivery_mode: 'poll',
    }),
  )
  const app = new Application(registrar.as, await registrar.stored(answer))
  const { client_id, client_secret } = answer.body
  const credentials = { parameters: { client_id: String(client_id), client_secret: String(client_secret) } }
  expect(told((await askPerson(app, {}, { credentials })).answer)).toBe('200')
  const page = await openApprovals(new Person(registrar.as))
  expect(words(page.text)).toContain(`Allow My Bank ?`)
  expect(words(page.text)).toContain(UNCHECKED)
})
