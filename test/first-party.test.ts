import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountKinds, type AccountRecords, createAccounts } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, Application, KEY, tally, told } from '../packages/server/src/test/application.ts'
import { asking, PATH, phoneApp } from '../packages/server/src/test/challenged.ts'
import { Person } from '../packages/server/src/test/person.ts'
import { startServer } from '../packages/server/src/test/server.ts'
import { codeAt, TOTP_SECRET } from './one-time-code.ts'

/** First-party sign-in with the people of `@holdfast/accounts` and codes of an authenticator app. Its races are in test/races. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-first-party-'))
afterAll(() => rmSync(folder, { recursive: true }))

type All = Records & AccountRecords
const kinds = { ...serverKinds, ...accountKinds }
const engines: readonly [string, () => Promise<OpenStore<All>>][] = [
  ['memory', () => Promise.resolve(openMemoryStore<All>(kinds))],
  ['sqlite', () => openSqliteStore<All>({ path: join(folder, 'store.db'), kinds })],
]

const MASTER = { id: 's1', value: new Uint8Array(32).fill(1) }
const DANA = { username: 'dana', password: 'correct horse', totpSecret: TOTP_SECRET }

describe.each(engines)('on %s', (_name, open) => {
  let store: OpenStore<All>
  let app: Application

  beforeAll(async () => {
    store = await open()
    const accounts = createAccounts({ store, secrets: [MASTER] })
    await accounts.seed([DANA])
    const registered = phoneApp()
    const as = await startServer([registered], { store: store as unknown as OpenStore<Records>, accounts, dpopNonce: 'off' })
    app = new Application(as, registered, { dpop: KEY })
  })
  afterAll(async () => {
    await app.as.server.close()
    await store.close()
  })

  const session = ({ body }: Answer): string => String(body['auth_session'])
  const started = (): Promise<string> => app.post(PATH, asking({ login_hint: 'dana' })).then(session)

  test('FIPA-40 a code of an authenticator app counts once: of eight sign-ins at once one is let in', async () => {
    app.as.clock.advance(900)
    const sessions: string[] = []
    for (let sign = 0; sign < 8; sign++) {
      const answer = await app.post(PATH, { auth_session: await started(), password: DANA.password })
      expect(answer.body['next']).toEqual(['otp'])
      sessions.push(session(answer))
    }
    const otp = codeAt(app.as.clock.time)
    const answers = await Promise.all(sessions.map((auth_session) => app.post(PATH, { auth_session, otp })))
    expect(tally(answers)).toEqual({ '200': 1, '400 insufficient_authorization': 7 })
  })

  test('A54 the web sign-in asks the same person for a code, and one that the app used is not taken', async () => {
    app.as.clock.advance(900)
    const proven = session(await app.post(PATH, { auth_session: await started(), password: DANA.password }))
    const otp = codeAt(app.as.clock.time)
    expect(told(await app.post(PATH, { auth_session: proven, otp }))).toBe('200')
    const person = new Person(app.as)
    const web = { ...asking(), client_id: 'phone', redirect_uri: 'com.example.phone:/callback' } as Record<string, string>
    const { location } = await person.authorize(new URLSearchParams(web))
    await person.submit(await person.go(location ?? ''), { username: 'dana', password: DANA.password })
    const page = await person.go(location ?? '')
    expect(page.text).toContain('code-submit')
    expect((await person.submit(page, { code: otp })).text).toContain('code-submit')
    expect((await person.submit(page, { code: codeAt(app.as.clock.time + 30) })).status).toBe(303)
  })
})
