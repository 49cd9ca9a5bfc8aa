import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { Loaded } from './configuration.ts'
import { loadConfiguration } from './load.ts'
import { newSecretsFile } from './secrets.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
  writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
})

function load(schema: string): Promise<Loaded> {
  const yaml = `
issuer: http://localhost:4000
authorizationDetailsTypes:
  - type: payment_initiation
    title: Pay {amount} to {creditor}
    labels: { creditor: To }
    schema: ${schema}
clients:
  - client_id: shop
    client_secret: q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef
    redirect_uris: [https://shop.example/cb]
    authorization_details_types: [payment_initiation]
`
  writeFileSync(join(directory, 'holdfast.config.yaml'), yaml)
  return loadConfiguration({ directory, environment: {} })
}

test('RAR-10 types of authorization_details are read from the file, and a client may name them', async () => {
  const { configuration, faults } = await load(
    '{ properties: { amount: { type: string }, creditor: { type: string } }, additionalProperties: false }',
  )
  expect(faults).toEqual([])
  expect(configuration?.authorizationDetailsTypes.map(({ type, title, once }) => [type, title, once])).toEqual([
    ['payment_initiation', 'Pay {amount} to {creditor}', undefined],
  ])
  expect(configuration?.clients[0]?.authorizationDetailsTypes).toEqual(['payment_initiation'])
})

test('RAR-02 a schema that leaves fields open is told with its place, and the client that names the type is not blamed', async () => {
  const { configuration, faults } = await load('{ properties: { amount: { type: string }, creditor: { type: object } } }')
  expect(configuration).toBeUndefined()
  expect(faults.map(({ path }) => path)).toEqual([
    'authorizationDetailsTypes[0].schema',
    'authorizationDetailsTypes[0].schema.properties.creditor',
  ])
})
