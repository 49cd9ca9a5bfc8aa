import { describe, expect, test } from 'vitest'
import { ACCOUNTS, PAY, PAYMENT, SEE } from '../test/details.ts'
import { compileDetailsTypes, readAuthorizationDetailsTypes } from './authorization-details.ts'
import { readClient } from './read-client.ts'

const { describe: _, ...payment } = PAYMENT
const faults = (over: object): readonly string[] =>
  readAuthorizationDetailsTypes([{ ...payment, ...over }]).faults.map(({ path, message }) => `${path} ${message}`)
const schemaFaults = (schema: object): readonly string[] => faults({ title: 'x', labels: {}, schema })
/** A right schema around one member. */
const withMember = (member: unknown, also: object = {}): object => ({ properties: { a: member }, additionalProperties: false, ...also })
const payments = compileDetailsTypes([PAYMENT])[0]

describe('types of authorization_details', () => {
  test('RAR-10 what an operator writes is read, and all faults are told at once, each with its place', () => {
    expect(readAuthorizationDetailsTypes([PAYMENT, ACCOUNTS])).toEqual({ value: [PAYMENT, ACCOUNTS], faults: [] })
    expect(readAuthorizationDetailsTypes({}).faults).toHaveLength(1)
    expect(
      readAuthorizationDetailsTypes([{ type: 'a b', schema: 1, titel: 'x' }, PAYMENT, PAYMENT]).faults.map(({ path }) => path),
    ).toEqual([
      'authorizationDetailsTypes[0].type',
      'authorizationDetailsTypes[0].schema',
      'authorizationDetailsTypes[0].title',
      'authorizationDetailsTypes[0].titel',
      'authorizationDetailsTypes[2].type',
    ])
    expect(() => compileDetailsTypes([PAYMENT, PAYMENT])).toThrow('is the same as that of authorizationDetailsTypes[0]')
  })

  test('RAR-13 a title or label that names no member is a fault', () => {
    expect(faults({ title: 'Pay {amount}' })).toEqual([
      'authorizationDetailsTypes[0].title names amount, which is no member of the schema; there are locations, actions, instructedAmount, creditorName, executionDate',
    ])
    expect(faults({ labels: { 'iban.x': 'Account' } })[0]).toMatch(/^authorizationDetailsTypes\[0\]\.labels names iban\.x/)
  })

  test.each([
    ['open at the top', { properties: {} }],
    ['open by true', { properties: {}, additionalProperties: true }],
    ['a map at the top', { properties: {}, additionalProperties: { type: 'string' } }],
    ['no properties', { additionalProperties: false }],
    ['an object that is open', withMember({ type: 'object' })],
    ['an object with members that is open', withMember({ type: 'object', properties: {}, additionalProperties: true })],
    ['an open object in a list', withMember({ type: 'array', items: { type: 'object' } })],
    ['an open object in $defs', withMember({ $ref: '#/$defs/x' }, { $defs: { x: { type: 'object' } } })],
    ['an open object in a branch', withMember({ oneOf: [{ type: 'object' }, { type: 'string' }] })],
    ['an open object in prefixItems', withMember({ type: 'array', prefixItems: [{ type: 'object' }], items: false })],
    ['an open object in a map', withMember({ type: 'object', additionalProperties: { type: 'object' } })],
    ['a list of anything', withMember({ type: 'array' })],
    ['a list of true', withMember({ type: 'array', items: true })],
    ['anything at all', withMember({})],
    ['anything by true', withMember(true)],
    ['names by pattern', { properties: {}, additionalProperties: false, patternProperties: { '^x': { type: 'string' } } }],
  ])('RAR-02 RFC 9396 §5: a schema that leaves unknown fields open stops the start: %s', (_name, schema) => {
    expect(schemaFaults(schema)).not.toEqual([])
    expect(() => compileDetailsTypes([{ type: 't', title: 'x', schema: schema as Record<string, unknown> }])).toThrow()
  })

  test.each([
    ['a reference elsewhere', withMember({ $ref: 'https://evil.example/schema' })],
    ['a file', withMember({ $ref: 'file:///etc/passwd' })],
    ['a reference to nothing', withMember({ $ref: '#/$defs/none' })],
    ['a reference around the check', withMember({ $ref: '#/definitions/x' }, { definitions: { x: { type: 'object' } } })],
    ['an $id', withMember({ $id: 'https://a.example', type: 'string' })],
    ['$async', { ...withMember({ type: 'string' }), $async: true }],
    ['a pattern on text of any length', withMember({ type: 'string', pattern: '^(a+)+$' })],
    ['a pattern that is none', withMember({ type: 'string', pattern: '(', maxLength: 3 })],
    ['an unknown keyword', withMember({ type: 'string', maxLenght: 3 })],
    ['an unknown format', withMember({ type: 'string', format: 'iban' })],
    ['a type of its own', withMember({ type: 'string' }, { properties: { type: { const: 'other' } } })],
    ['another type than object', { ...withMember({ type: 'string' }), type: 'array' }],
    ['no schema', withMember(1)],
  ])('RAR-02 a schema that cannot be trusted stops the start: %s', (_name, schema) => expect(schemaFaults(schema)).toHaveLength(1))

  test('RAR-02 what is closed is taken: maps of said values, references to itself, branches of a closed object', () => {
    for (const schema of [
      withMember({ type: 'object', additionalProperties: { type: 'string' } }),
      withMember({ $ref: '#' }),
      { properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }], unevaluatedProperties: false },
    ])
      expect(schemaFaults(schema)).toEqual([])
  })

  test.each([
    ['an unknown member', { x: 1 }, 'has the unknown member x; allowed are locations, actions'],
    ['one like a name of the language', { constructor: 1 }, 'has the unknown member constructor'],
    ['an unknown member below', { instructedAmount: { currency: 'EUR', amount: '1', x: 1 } }, 'instructedAmount has the unknown member x'],
    ['a wrong type', { creditorName: 1 }, 'creditorName must be string'],
    ['an invalid value', { instructedAmount: { currency: 'euro', amount: '1' } }, 'instructedAmount.currency must NOT have more'],
    ['a value that is not listed', { actions: ['steal'] }, 'actions.0 must be one of initiate, status, cancel'],
    ['a missing member', { creditorName: undefined }, 'lacks the member creditorName'],
    ['a missing member below', { instructedAmount: { currency: 'EUR' } }, 'instructedAmount lacks the member amount'],
    ['a day that is none', { executionDate: '2027-02-30' }, 'executionDate must match format'],
    ['null', { creditorName: null }, 'creditorName must be string'],
  ])('RAR-02 RFC 9396 §5: %s is refused, with its place and what is allowed', (_name, over, words) => {
    expect(payments?.fault(PAY)).toBeUndefined()
    expect(payments?.fault(JSON.parse(JSON.stringify({ ...PAY, ...over })) as typeof PAY)).toContain(words)
  })

  test('RAR-02 formats: date-time, uri and uuid are checked in one pass over the text', () => {
    const schema = {
      properties: Object.fromEntries(['date-time', 'uri', 'uuid'].map((format) => [format, { type: 'string', format }])),
      additionalProperties: false,
    }
    const [type] = compileDetailsTypes([{ type: 't', title: 'x', schema }])
    const told = (member: string, value: string): boolean => type?.fault({ type: 't', [member]: value }) === undefined
    expect([
      told('date-time', '2027-01-15T08:00:00.5Z'),
      told('date-time', '2027-01-15'),
      told('date-time', '2027-01-15T25:00:00Z'),
    ]).toEqual([true, false, false])
    expect([told('uri', 'https://a.example/x'), told('uri', '/x'), told('uri', 'https://a b')]).toEqual([true, false, false])
    expect([told('uuid', '123e4567-e89b-12d3-a456-426614174000'), told('uuid', 'x')]).toEqual([true, false])
  })

  test('RAR-02 checking changes nothing: no defaults, no conversions', () => {
    const [type] = compileDetailsTypes([{ type: 't', title: 'x', schema: withMember({ type: 'string' }) as Record<string, unknown> }])
    const detail = Object.freeze({ type: 't', a: '1' })
    expect([type?.fault(detail), type?.fault({ type: 't', a: 1 }), SEE.type]).toEqual([
      undefined,
      'a must be string',
      'account_information',
    ])
  })
})

test('RAR-03 RFC 9396 §10: a client may name only types that are configured', () => {
  const read = (authorizationDetailsTypes: readonly string[]): readonly string[] =>
    readClient(
      {
        client_id: 'c',
        redirect_uris: ['https://app.example/cb'],
        client_secret: 'a secret of thirty-two characters, at least',
        authorization_details_types: ['payment_initiation'],
      },
      { profile: 'oauth21', grantTypes: ['authorization_code', 'refresh_token'], resources: [], authorizationDetailsTypes },
      'clients[0]',
    ).faults.map(({ path, message }) => `${path} ${message}`)
  expect(read(['payment_initiation'])).toEqual([])
  expect(read(['a'])).toEqual([
    'clients[0].authorization_details_types[0] is a type that authorizationDetailsTypes does not have; allowed are a',
  ])
  expect(read([])[0]).toMatch(/none is configured$/)
})
