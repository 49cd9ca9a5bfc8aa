import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Loaded } from './configuration.ts'
import { loadConfiguration } from './load.ts'
import { newSecretsFile } from './secrets.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-registration-'))
writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
afterAll(() => rmSync(directory, { recursive: true }))

function load(registration: unknown, environment: Record<string, string> = {}): Promise<Loaded> {
  const resources = [{ identifier: 'https://api.example', scopes: ['read'] }]
  writeFileSync(join(directory, 'holdfast.config.json'), JSON.stringify({ issuer: 'http://localhost:4000', resources, registration }))
  return loadConfiguration({ directory, environment })
}

test('REG-02 nobody registers unless the configuration says so', async () => {
  expect((await load(undefined)).configuration).not.toHaveProperty('registration')
})

test('what is written is what the server gets', async () => {
  const registration = {
    open: true,
    initialAccessTokens: true,
    softwareStatements: [{ issuer: 'https://trust.example', jwksUri: 'https://trust.example/jwks' }],
    clientIdMetadataDocuments: { enabled: true, allowedHosts: ['*.example'], deniedHosts: ['https://a.example/c'], redirectUris: 'any' },
    perAddress: 5,
    mostClients: 100,
    unusedAfter: 86_400,
    policy: { scopes: ['openid', 'read'], defaultScopes: ['read'], native: false, redirectHosts: ['app.example'], authMethods: ['none'] },
  }
  const { configuration, faults } = await load(registration)
  expect([faults, configuration?.registration]).toEqual([[], registration])
})

test('MCP-05 one variable of the environment lets documents in', async () => {
  const { configuration, faults } = await load(undefined, { HOLDFAST_REGISTRATION_CLIENT_ID_METADATA_DOCUMENTS_ENABLED: 'true' })
  expect([faults, configuration?.registration]).toEqual([[], { clientIdMetadataDocuments: { enabled: true } }])
})

describe('one fault each', () => {
  test.each([
    [{ opne: true }, 'registration.opne is not an option; did you mean open?'],
    [{ perAddress: 0 }, 'registration.perAddress must be a whole number from 1 to 100000'],
    [{ unusedAfter: 60 }, 'registration.unusedAfter must be a whole number from 3600 to 31536000'],
    [{ policy: { scopes: ['raed'] } }, 'registration.policy.scopes[0] is raed, which no resource has'],
    [{ policy: { authMethods: ['client_secret_jwt'] } }, 'registration.policy.authMethods[0] must be'],
    [{ policy: { firstParty: true } }, 'registration.policy.firstParty is not an option'],
    [{ softwareStatements: [{ issuer: 'https://trust.example' }] }, 'registration.softwareStatements[0] must have one of jwks and jwksUri'],
    [
      { softwareStatements: [{ issuer: 'https://trust.example', jwksUri: 'http://trust.example/jwks' }] },
      'registration.softwareStatements[0].jwksUri must be an https address',
    ],
  ])('%j', async (registration, fault) => {
    const { faults } = await load(registration)
    expect(faults).toHaveLength(1)
    expect(faults.map(({ path, message }) => `${path} ${message}`)[0]?.startsWith(fault)).toBe(true)
  })
})
