import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import type { OpenStore } from '@holdfast/store'
import { createProcessMemory } from '@holdfast/proof/memory'
import { parseJws } from '@holdfast/proof'
import { createServer, GRANT_TYPES } from '@holdfast/server'
import { readClients, readResources } from '@holdfast/server/config'
import { toFetch } from '@holdfast/mount/fetch'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { kinds, VOUCHER, voucherGrant, type WithVouchers } from './voucher.ts'

const ISSUER = 'https://as.example'
const NOW = 1_800_000_000
const SECRET = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-voucher-'))
const opened: OpenStore<WithVouchers>[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(engine: string): Promise<OpenStore<WithVouchers>> {
  const store = engine === 'memory' ? openMemoryStore(kinds) : await openSqliteStore({ path: join(folder, 'store.db'), kinds })
  opened.push(store)
  return store
}

async function started(engine: string): Promise<{ readonly store: OpenStore<WithVouchers>; spend(voucher: string): Promise<Response> }> {
  const store = await open(engine)
  const clock = { now: () => NOW }
  const resources = readResources([{ identifier: 'https://api.example', scopes: ['stamps'] }], { issuer: ISSUER }).value ?? []
  const written = { client_id: 'shop', client_secret: SECRET, profile: 'oauth21', grant_types: [VOUCHER], scope: 'stamps' }
  const clients = readClients([written], { profile: 'oauth21', resources, grantTypes: [...GRANT_TYPES, VOUCHER] })
  expect(clients.faults).toEqual([])
  const server = await createServer<WithVouchers>({
    issuer: ISSUER,
    store,
    accounts: { find: () => Promise.resolve(undefined), verifyPassword: () => Promise.resolve(undefined) },
    clients: clients.value ?? [],
    resources,
    secrets: [{ id: 's1', value: new Uint8Array(32).fill(1) }],
    memory: createProcessMemory({ clock }),
    clock,
    grants: [voucherGrant],
  })
  const asFetch = toFetch(server.handler)
  return {
    store,
    spend: (voucher) =>
      asFetch(
        new Request(`${ISSUER}/token`, {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`shop:${SECRET}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams({ grant_type: VOUCHER, voucher }).toString(),
        }),
      ),
  }
}

describe.each(['memory', 'sqlite'])('a grant of a stranger, with a record of its own, on %s', (engine) => {
  test('is answered as a built-in one, and what it stores is stored with the answer', async () => {
    const { store, spend } = await started(engine)
    await store.commit([{ op: 'insert', kind: 'voucher', id: 'v1', value: { clientId: 'shop', scopes: ['stamps'], usedAt: undefined } }])
    const answers = await Promise.all(Array.from({ length: 50 }, () => spend('v1')))
    const statuses = answers.map((one) => one.status)
    expect(statuses.filter((one) => one === 200)).toHaveLength(1)
    expect(statuses.filter((one) => one === 400 || one === 503)).toHaveLength(49)
    const body = (await answers.find((one) => one.status === 200)?.json()) as Record<string, unknown>
    expect(body).toMatchObject({ token_type: 'Bearer', scope: 'stamps', voucher_used: true })
    expect(parseJws(String(body['access_token']), { maxLength: 8192 })?.payload).toMatchObject({
      sub: 'shop',
      client_id: 'shop',
      aud: 'https://api.example',
    })
    expect((await store.read('voucher', 'v1'))?.value.usedAt).toBe(NOW)
    expect((await spend('v1')).status).toBe(400)
    expect((await spend('v2')).status).toBe(400)
  })

  test('a grant type that is there twice stops the start', async () => {
    const options = {
      issuer: ISSUER,
      store: await open('memory'),
      accounts: { find: () => Promise.resolve(undefined), verifyPassword: () => Promise.resolve(undefined) },
      clients: [],
      resources: [],
      secrets: [{ id: 's1', value: new Uint8Array(32).fill(1) }],
      memory: createProcessMemory({ clock: { now: () => NOW } }),
    }
    await expect(createServer<WithVouchers>({ ...options, grants: [voucherGrant, { ...voucherGrant }] })).rejects.toThrow(/twice/)
  })
})
