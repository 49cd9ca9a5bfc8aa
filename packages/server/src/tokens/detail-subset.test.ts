import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileDetailsTypes } from '../config/authorization-details.ts'
import { ACCOUNTS, PAY, PAYER, PAYMENT, SEE } from '../test/details.ts'
import { DetailsCatalog, narrowed } from './authorization-details.ts'
import { cover, isWithin } from './detail-subset.ts'

const catalog = new DetailsCatalog(compileDetailsTypes([PAYMENT, ACCOUNTS]))
const narrow = (requested: readonly AuthorizationDetail[], granted: readonly AuthorizationDetail[]): string => {
  const answer = narrowed(requested, granted, PAYER, catalog)
  return answer instanceof OAuthError ? `${answer.code} ${answer.rule}` : 'granted'
}
const BEYOND = 'invalid_authorization_details RAR-06'

const lists = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), { nil: undefined })
const detail = fc
  .record({ actions: lists, datatypes: lists, identifier: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }) })
  .map((members) => JSON.parse(JSON.stringify({ type: 'account_information', ...members })) as AuthorizationDetail)
const many = fc.array(detail, { maxLength: 4 })
/** A part of a set that was granted: some of the objects, some of their lists' elements. */
const partOf = (granted: readonly AuthorizationDetail[]): fc.Arbitrary<readonly AuthorizationDetail[]> =>
  fc.tuple(fc.subarray([...granted.keys()]), fc.infiniteStream(fc.boolean())).map(([kept, coins]) =>
    kept.map((index) => {
      const part = Object.entries(granted[index] ?? {}).map(([name, value]) => {
        const fewer = Array.isArray(value) ? (value as string[]).filter(() => coins.next().value === true) : []
        return [name, fewer.length === 0 ? value : fewer]
      })
      return Object.fromEntries(part) as AuthorizationDetail
    }),
  )
const within = (one: readonly AuthorizationDetail[], other: readonly AuthorizationDetail[]): boolean => narrow(one, other) === 'granted'

describe('narrowing', () => {
  test('RAR-06 RFC 9396 §6: every set is within itself, and what it is narrowed to is within it', () => {
    fc.assert(fc.property(many, (granted) => within(granted, granted)))
    fc.assert(
      fc.property(
        many.chain((granted) => fc.tuple(fc.constant(granted), partOf(granted))),
        ([granted, part]) => within(part, granted),
      ),
    )
  })

  test('RAR-06 RAR-12 narrowing is monotone: narrowed twice is within the first grant, and never wider than the step before', () => {
    const steps = many.chain((granted) =>
      partOf(granted).chain((first) => fc.tuple(fc.constant(granted), fc.constant(first), partOf(first))),
    )
    fc.assert(fc.property(steps, ([granted, first, second]) => within(second, first) && within(second, granted)))
    fc.assert(fc.property(many, many, many, (a, b, c) => !(within(a, b) && within(b, c)) || within(a, c)))
    fc.assert(fc.property(many, many, (a, b) => !(within(a, b) && within(b, a)) || a.length === b.length))
  })

  test('RAR-06 RAR-09 RFC 9396 §2.2: fewer actions, datatypes, locations and privileges are within; everything else is equal', () => {
    const granted = { ...SEE, datatypes: ['balance', 'name'], identifier: 'DE1' }
    for (const fewer of [
      { actions: ['read'] },
      { actions: ['list', 'read'] },
      { datatypes: ['name'] },
      { actions: ['read'], datatypes: ['name'] },
    ])
      expect(narrow([{ ...granted, ...fewer }], [granted])).toBe('granted')
    for (const more of [{ actions: ['read', 'write'] }, { identifier: 'DE2' }, { locations: ['https://other.example'] }, { datatypes: [] }])
      expect(narrow([{ ...granted, ...more }], [granted])).toBe(BEYOND)
    const { identifier: _, ...without } = granted
    expect([narrow([without], [granted]), narrow([granted], [without])]).toEqual([BEYOND, BEYOND])
    expect(isWithin({ type: 't', privileges: ['a'] }, { type: 't', privileges: ['a', 'b'] })).toBe(true)
    expect(isWithin({ type: 't', other: ['a'] }, { type: 't', other: ['a', 'b'] })).toBe(false)
  })

  test('RAR-06 a list that is left out may mean everything to an API, so it is not within one that was given', () => {
    const { actions: _, ...everything } = SEE
    expect([narrow([everything], [SEE]), narrow([{ ...SEE, actions: [] }], [SEE]), narrow([SEE], [everything])]).toEqual([
      BEYOND,
      BEYOND,
      BEYOND,
    ])
  })

  test('RAR-06 one granted payment stands for one: asked twice it is refused, and two that were granted are two', () => {
    expect([narrow([PAY, PAY], [PAY]), narrow([PAY, PAY], [PAY, PAY])]).toEqual([BEYOND, 'granted'])
    // Which of the granted stands for which is found, also where the first that fits is needed by another.
    expect(narrow([{ ...SEE, actions: ['read'] }, SEE], [SEE, { ...SEE, actions: ['read'] }])).toBe('granted')
    expect(
      narrow(
        [
          { ...SEE, actions: ['read'] },
          { ...SEE, actions: ['list'] },
        ],
        [SEE],
      ),
    ).toBe(BEYOND)
    expect(cover([{ type: 'a' }, { type: 'b' }, { type: 'c' }], [{ type: 'c' }, { type: 'a' }], isWithin)).toBe(1)
  })

  test('RAR-06 RFC 9396 §6.1: a comparison of the operator’s own decides, within one type and after the schema', () => {
    const upTo = { ...PAYMENT, isSubset: (one: AuthorizationDetail, other: AuthorizationDetail) => amount(one) <= amount(other) }
    const own = new DetailsCatalog(compileDetailsTypes([upTo, ACCOUNTS]))
    const asked = (over: object): unknown => {
      const answer = narrowed([{ ...PAY, ...over }], [PAY], PAYER, own)
      return answer instanceof OAuthError ? answer.rule : 'granted'
    }
    expect(asked({ instructedAmount: { currency: 'EUR', amount: '100' } })).toBe('granted')
    expect(asked({ instructedAmount: { currency: 'EUR', amount: '124' } })).toBe('RAR-06')
    expect(asked({ instructedAmount: { currency: 'EUR', amount: '100' }, extra: 1 })).toBe('RAR-02')
    const always = new DetailsCatalog(compileDetailsTypes([PAYMENT, { ...ACCOUNTS, isSubset: () => true }]))
    expect(narrowed([{ type: 'account_information' }], [PAY], PAYER, always)).toMatchObject({ rule: 'RAR-06' })
  })

  test('RAR-12 a type that was taken from the client since is left out, and cannot be asked for', () => {
    const less = { ...PAYER, authorizationDetailsTypes: ['account_information'] }
    expect(narrowed(undefined, [PAY, SEE], less, catalog)).toEqual([SEE])
    expect(narrowed([PAY], [PAY, SEE], less, catalog)).toMatchObject({ rule: 'RAR-03' })
    expect(narrowed(undefined, [PAY, SEE], PAYER, new DetailsCatalog([]))).toEqual([])
    expect(narrowed([], [PAY, SEE], PAYER, catalog)).toEqual([])
  })
})

function amount(one: AuthorizationDetail): number {
  return Number((one['instructedAmount'] as { readonly amount: string }).amount)
}
