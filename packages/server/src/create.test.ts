import { expect, test } from 'vitest'
import { client, startServer } from './test/server.ts'

test('an option that weakens is said in the log at every start, and nothing is said without one', async () => {
  expect((await startServer([client({ unsafeLegacyAssertionAudience: true })])).logged.join()).toContain('unsafe_legacy_assertion_audience')
  expect((await startServer([client()])).logged).toEqual([])
})

test('a client that is both configured and stored stops the start', async () => {
  const { store, clock } = await startServer([])
  await store.commit([{ op: 'insert', kind: 'client', id: 'web', value: { kind: 'client', client: client(), createdAt: clock.now() } }])
  await expect(startServer([client()], { store })).rejects.toThrow('client web is both configured and stored')
})
