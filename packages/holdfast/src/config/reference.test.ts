import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optionsOf } from './options.ts'
import { gatewayNode } from '../gateway/shape.ts'
import { guardOptionsPage, guardSchemaText, jsonSchemaText, optionsPage } from './reference.ts'
import { configurationNode } from './schema.ts'

const checkedIn = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

describe('what is made from the schema is current: tsc -b && node packages/holdfast/scripts/generate.mjs', () => {
  test('holdfast.schema.json', () => {
    expect(checkedIn('holdfast.schema.json')).toBe(jsonSchemaText())
  })
  test('OPTIONS.md', () => {
    expect(checkedIn('OPTIONS.md')).toBe(optionsPage())
  })
  test('holdfast.guard.schema.json', () => {
    expect(checkedIn('holdfast.guard.schema.json')).toBe(guardSchemaText())
  })
  test('GUARD-OPTIONS.md', () => {
    expect(checkedIn('GUARD-OPTIONS.md')).toBe(guardOptionsPage())
  })
})

describe('the JSON Schema', () => {
  const schema = JSON.parse(jsonSchemaText()) as {
    readonly required: readonly string[]
    readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  test('an editor knows every key of the house, and that no other is allowed', () => {
    expect(Object.keys(schema.properties).toSorted()).toEqual([
      '$schema',
      'accounts',
      'attestation',
      'authenticationLevels',
      'authorizationDetailsTypes',
      'clients',
      'development',
      'dpopNonce',
      'explorer',
      'issuer',
      'lifetimes',
      'listen',
      'logout',
      'memory',
      'mtls',
      'outbound',
      'profile',
      'registration',
      'requirePushedAuthorizationRequests',
      'requireSignedRequestObject',
      'resources',
      'secondFactor',
      'secrets',
      'sessions',
      'store',
      'tls',
      'trustedIssuers',
      'trustedProxies',
    ])
    expect(schema).toMatchObject({ additionalProperties: false, required: ['issuer'] })
  })
  test('our own marks stay with us', () => {
    expect(jsonSchemaText() + guardSchemaText()).not.toMatch(/"(allowed|secret)":/)
  })
  test('defaults and members of clients are in it', () => {
    expect(schema.properties['listen']).toMatchObject({ properties: { port: { type: 'integer', default: 4000, maximum: 65535 } } })
    expect(schema.properties['clients']).toMatchObject({
      items: { properties: { redirect_uris: { type: 'array' } }, required: ['client_id'] },
    })
  })
})

describe('every option', () => {
  const options = optionsOf(configurationNode())
  const ofGuard = optionsOf(gatewayNode(), 'HOLDFAST_GUARD')
  test.each([...options, ...ofGuard].map((option) => [option.variable, option]))('%s says what it is for', (_path, { node }) => {
    expect(node.description).toMatch(/\w.*\.$/s)
  })
  test('has a variable of its own', () => {
    expect(new Set([...options, ...ofGuard].map((option) => option.variable)).size).toBe(options.length + ofGuard.length)
    expect(options.find((option) => option.path === 'lifetimes.refreshTokenGrace')?.variable).toBe('HOLDFAST_LIFETIMES_REFRESH_TOKEN_GRACE')
  })
})
