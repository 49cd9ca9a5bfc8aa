import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { ACCOUNTS_API, API, client, startServer } from '../test/server.ts'

const OTHER_API = 'https://other.example/orders'

test('BCP-46 RES-04 RFC 8707 §2.2: a refresh stays within the granted resources, also for one that is known and whose scope was granted', async () => {
  const registered = client({ scopes: ['openid', 'accounts:read', 'orders:read'] })
  const orders = {
    ...ACCOUNTS_API,
    identifier: OTHER_API,
    name: 'Orders',
    scopes: [{ name: 'orders:read', description: 'See your orders' }],
  }
  const application = new Application(await startServer([registered], { resources: [ACCOUNTS_API, orders] }), registered)
  const { refresh } = await application.tokens({ scope: 'openid accounts:read orders:read', resource: API })
  expect(told(await application.refresh(refresh, { resource: OTHER_API }))).toBe('400 invalid_target')
  expect(told(await application.refresh(refresh, { resource: API }))).toBe('200')
})
