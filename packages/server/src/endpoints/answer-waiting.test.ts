import { describe, expect, test } from 'vitest'
import type { ServerChange } from '../records.ts'
import { type Application, told } from '../test/application.ts'
import { askDevice, decide, deviceOf, pollDevice, television, typeCode } from '../test/device.ts'
import { startServer, type TestServer } from '../test/server.ts'

/** What happens between the look and the commit of an answer, a moment before the first try. */
function before(as: TestServer, meanwhile: () => Promise<readonly ServerChange[]>): void {
  const commit = as.store.commit.bind(as.store)
  let first = true
  Object.assign(as.store, {
    async commit(changes: readonly ServerChange[]) {
      if (first && changes.some((one) => one.kind === 'device_request' && one.op === 'replace')) {
        first = false
        await commit(await meanwhile())
      }
      return commit(changes)
    },
  })
}

async function scene(app: Application): Promise<{ readonly deviceCode: string; answer(): ReturnType<typeof decide> }> {
  const { deviceCode, userCode } = await askDevice(app)
  const page = await typeCode(app.person, userCode)
  return { deviceCode, answer: () => decide(app.person, page, 'allow') }
}

describe('in the moment of the answer', () => {
  test('BCP-40 a browser that is signed out approves nothing', async () => {
    const app = deviceOf(await startServer([television()]))
    const { deviceCode, answer } = await scene(app)
    before(app.as, () => Promise.resolve([{ op: 'deleteBy', kind: 'session', index: 'subject', value: 'u_ada' }]))
    expect((await answer()).text).toContain('This request is over')
    expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
    expect((await app.as.store.list('grant', 'subject', 'u_ada', { limit: 10 })).items).toEqual([])
  })

  test('a session whose idle end another tab moved is the same session', async () => {
    const app = deviceOf(await startServer([television()]))
    const { deviceCode, answer } = await scene(app)
    before(app.as, async () => {
      const { items } = await app.as.store.list('session', 'subject', 'u_ada', { limit: 10 })
      return items.map((one) => ({
        op: 'replace',
        kind: 'session',
        id: one.id,
        expected: one.version,
        value: one.value,
        expiresAt: one.expiresAt,
      }))
    })
    expect((await answer()).text).toContain('Your device is connected')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })

  test('A39 a stored client that is removed gets no approval', async () => {
    const as = await startServer([])
    await as.store.commit([
      { op: 'insert', kind: 'client', id: 'tv', value: { kind: 'client', client: television(), createdAt: as.clock.now() } },
    ])
    const app = deviceOf(as)
    const { deviceCode, answer } = await scene(app)
    before(as, () => Promise.resolve([{ op: 'delete', kind: 'client', id: 'tv' }]))
    expect((await answer()).status).toBe(400)
    expect((await as.store.read('device_request', deviceCode.slice(0, 26)))?.value.state).toBe('pending')
    expect((await as.store.list('grant', 'subject', 'u_ada', { limit: 10 })).items).toEqual([])
  })

  test('§9 a device that polls between look and commit costs a try and no more', async () => {
    const app = deviceOf(await startServer([television()]))
    const { deviceCode, answer } = await scene(app)
    before(app.as, async () => {
      const request = await app.as.store.read('device_request', deviceCode.slice(0, 26))
      if (request === undefined) return []
      const { id, version, value, expiresAt } = request
      return [{ op: 'replace', kind: 'device_request', id, expected: version, value: { ...value, polledAt: 1 }, expiresAt }]
    })
    expect((await answer()).text).toContain('Your device is connected')
  })
})
