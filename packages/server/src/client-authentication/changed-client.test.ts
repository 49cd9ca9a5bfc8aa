import { type OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test } from 'vitest'
import { addStoredClient } from '../admin/clients.ts'
import { type Records, serverKinds } from '../index.ts'
import { Application, type Parameters, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { METADATA, startRegistrar } from '../test/registrar.ts'
import { client, startServer } from '../test/server.ts'

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

test('CAUTH-05 a commit that lost a fight for locks, of which the engine names the client, is tried again', async () => {
  const store = openMemoryStore(serverKinds)
  let fights = 0
  const contended: OpenStore<Records> = {
    read: (kind, id) => store.read(kind, id),
    list: (kind, index, value, page) => store.list(kind, index, value, page),
    purge: (now) => store.purge(now),
    close: () => store.close(),
    commit: (changes) => {
      const named = changes.find((change) => change.op === 'require' && change.kind === 'client')
      if (named === undefined || fights++ > 0) return store.commit(changes)
      return Promise.resolve({ conflict: { kind: 'client', id: 'web' } })
    },
  }
  const as = await startServer([], { store: contended })
  await addStoredClient(as.store, client(), as.clock)
  const one = new Application(as, client())
  expect(told(await one.post('/par', pushed('web', 'https://app.example/callback')))).toBe('201')
  expect(fights).toBe(2)
})
