import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toNodeListener } from '@holdfast/mount/node'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { answerDevice, answerRequest } from '@holdfast/testing/approver'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import { afterEach, describe, expect, test } from 'vitest'
import { type Records, serverKinds } from '../packages/server/src/index.ts'
import { Application, told } from '../packages/server/src/test/application.ts'
import { askPerson, bank, pollAnswer } from '../packages/server/src/test/backchannel.ts'
import { askDevice, decide, deviceOf, pollDevice, television, typeCode } from '../packages/server/src/test/device.ts'
import { HeldClock, ISSUER, PASSWORD, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** Requests that wait for a person, and what becomes of them when something goes wrong. Their races are in test/races. */
const tv = television()
const counter = bank()
const ADA = { issuer: ISSUER, username: 'ada', password: PASSWORD }

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const engines: Readonly<Record<string, () => Promise<OpenStore<Records>>>> = {
  memory: () => Promise.resolve(openMemoryStore(serverKinds)),
  async sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-waiting-'))
    ends.push(() => rmSync(folder, { recursive: true, force: true }))
    const store = await openSqliteStore({ path: join(folder, 'store.db'), kinds: serverKinds })
    ends.push(() => store.close())
    return store
  },
}

async function node(engine: string): Promise<TestServer> {
  const store = (await engines[engine]?.()) as OpenStore<Records>
  return startServer([tv, counter], { store, clock: new HeldClock(), secrets: [{ id: 's1', value: new Uint8Array(32).fill(7) }] })
}

describe.each(Object.keys(engines))('on the %s store', (engine) => {
  test('a change of secrets leaves live user codes good', async () => {
    const one = await node(engine)
    const app = deviceOf(one, tv)
    const { deviceCode, userCode } = await askDevice(app)
    const secrets = ['s2', 's1'].map((id) => ({ id, value: new Uint8Array(32).fill(id === 's1' ? 7 : 8) }))
    const later = deviceOf(await startServer([tv, counter], { store: one.store, clock: one.clock, secrets }), tv)
    expect((await decide(later.person, await typeCode(later.person, userCode), 'allow')).status).toBe(200)
    expect(told(await pollDevice(later, deviceCode))).toBe('200')
  })

  test('a store that cannot write answers nobody: no approval, no tokens, and both can be had afterwards', async () => {
    const one = await node(engine)
    const app = deviceOf(one, tv)
    const { deviceCode, userCode } = await askDevice(app)
    const page = await typeCode(app.person, userCode)
    const { store } = one
    const commit = store.commit.bind(store)
    const down = (): void =>
      void Object.assign(store, { commit: () => Promise.reject(Object.assign(new Error('cut'), { name: 'OutcomeUnknown' })) })
    const up = (): void => void Object.assign(store, { commit })
    down()
    expect((await decide(app.person, page, 'allow')).status).toBe(503)
    expect(told(await pollDevice(app, deviceCode))).toBe('503 temporarily_unavailable')
    up()
    expect((await decide(app.person, page, 'allow')).status).toBe(200)
    down()
    expect(told(await pollDevice(app, deviceCode))).toBe('503 temporarily_unavailable')
    up()
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })
})

describe('the person of the tests', () => {
  async function world(over: Parameters<typeof startServer>[1] = {}): Promise<{ readonly as: TestServer; readonly browser: Browser }> {
    const as = await startServer([tv, counter], over)
    const internet = new Internet().host(ISSUER, as.server.handler)
    return { as, browser: new Browser(internet, { clock: as.clock }) }
  }

  test('CIBA-05 CIBA-09 finds the request by its message and allows or refuses it, as a browser does', async () => {
    const { as, browser } = await world()
    const app = new Application(as, counter)
    const first = await askPerson(app, { binding_message: 'Till 7' })
    const second = await askPerson(app, { binding_message: 'Till 8' })
    await answerRequest(browser, ADA, 'Till 8', 'deny')
    await answerRequest(browser, ADA, 'Till 7', 'allow')
    expect(told(await pollAnswer(app, first.authReqId))).toBe('200')
    expect(told(await pollAnswer(app, second.authReqId))).toBe('400 access_denied')
    await expect(answerRequest(browser, ADA, 'Till 7', 'allow')).rejects.toThrow('0 requests say "Till 7"')
    await expect(answerRequest(browser, { ...ADA, password: 'x' }, 'Till 9', 'allow')).rejects.toThrow('0 requests')
  })

  test('DEV-11 DEV-14 connects a device, and says so when it cannot', async () => {
    const { as, browser } = await world()
    const app = deviceOf(as, tv)
    const { deviceCode, userCode } = await askDevice(app)
    await answerDevice(browser, ADA, userCode, 'allow')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
    await expect(answerDevice(browser, ADA, userCode, 'allow')).rejects.toThrow('is not taken')
    const stranger = new Browser(new Internet().host(ISSUER, as.server.handler), { clock: as.clock })
    await expect(answerDevice(stranger, { ...ADA, password: 'wrong' }, userCode, 'allow')).rejects.toThrow('could not sign in')
  })

  test('uses the pages of a server that really runs, over HTTP', async () => {
    const { server, issuer } = await listening()
    ends.push(() => new Promise((resolve) => server.close(resolve)))
    const as = await startServer([tv], { issuer })
    server.on('request', toNodeListener(as.server.handler))
    const internet = new Internet().host(issuer, remote(issuer))
    const asked = await fetch(`${issuer}/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'tv', scope: 'openid' }),
    })
    const { user_code, device_code } = (await asked.json()) as Record<string, string>
    const browser = new Browser(internet, { clock: as.clock })
    await answerDevice(browser, { ...ADA, issuer }, String(user_code), 'allow')
    const polled = await fetch(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: 'tv',
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: String(device_code),
      }),
    })
    expect(polled.status).toBe(200)
  })
})

async function listening(): Promise<{ readonly server: Server; readonly issuer: string }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
