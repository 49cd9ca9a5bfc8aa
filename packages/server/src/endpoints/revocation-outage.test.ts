import { StoreUnavailable } from '@holdfast/store'
import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { client, startServer } from '../test/server.ts'

test('REV-07 RFC 7009 §2.2.1: a revocation that was not stored is not answered 200', async () => {
  const as = await startServer()
  const application = new Application(as, client())
  const { refresh } = await application.tokens()
  const { store } = as
  for (const method of ['read', 'commit'] as const) {
    const working = store[method]
    Object.assign(store, { [method]: () => Promise.reject(new StoreUnavailable('locked')) })
    const answer = await application.post('/revoke', { token: refresh })
    expect([told(answer), answer.headers.get('retry-after')]).toEqual(['503 temporarily_unavailable', '1'])
    Object.assign(store, { [method]: working })
  }
  expect(told(await application.post('/revoke', { token: refresh }))).toBe('200')
  expect(told(await application.refresh(refresh))).toBe('400 invalid_grant')
})
