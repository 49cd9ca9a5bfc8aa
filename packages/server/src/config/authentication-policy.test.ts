import { describe, expect, test } from 'vitest'
import { checkAuthenticationLevels } from './authentication-levels.ts'
import { AuthenticationPolicy, methodsOf } from './authentication-policy.ts'

const LEVELS = [
  { acr: 'urn:x:pwd', methods: ['pwd', 'otp'] },
  { acr: 'urn:x:mfa', methods: ['mfa'] },
  { acr: 'urn:x:phr', methods: ['phr'] },
]
const policy = new AuthenticationPolicy(LEVELS)
const PWD = ['pwd']
const CODE = methodsOf('pwd', 'otp')
const PASSKEY = ['swk', 'mfa']

describe('levels', () => {
  test('STEP-06 the first acr that was asked for and is reached is the one that tokens carry, since an API compares names', () => {
    expect(policy.achieved(PASSKEY, ['urn:x:pwd', 'urn:x:phr'])).toBe('urn:x:pwd')
    expect(policy.achieved(PASSKEY, ['urn:x:phr', 'urn:x:pwd'])).toBe('urn:x:phr')
    expect(policy.achieved(CODE, ['urn:x:phr', 'urn:x:mfa'])).toBe('urn:x:mfa')
    expect(policy.achieved(PWD, ['urn:x:mfa'])).toBeUndefined()
  })

  test('STEP-06 with nothing asked it is the strongest that is reached, and the order is the operator’s', () => {
    expect([PWD, CODE, PASSKEY].map((amr) => policy.achieved(amr))).toEqual(['urn:x:pwd', 'urn:x:mfa', 'urn:x:phr'])
    // A passkey is no password; the level before it is reached all the same, since a stronger one is.
    expect(policy.satisfied(PASSKEY, ['urn:x:pwd'])).toBe(true)
    expect(new AuthenticationPolicy([{ acr: 'urn:x:both', methods: ['pwd+hwk'] }]).achieved(PASSKEY)).toBeUndefined()
    expect(new AuthenticationPolicy([{ acr: 'urn:x:both', methods: ['pwd+hwk'] }]).achieved(methodsOf('pwd', 'hwk'))).toBe('urn:x:both')
  })

  test('without levels nothing is reached and nothing is a condition', () => {
    const none = new AuthenticationPolicy()
    expect([none.stepsUp, none.acrs, none.achieved(PASSKEY), none.satisfied(PWD, [])]).toEqual([false, [], undefined, true])
  })

  test('a factor is asked for when it leads there: alone where one does, together where it takes both', () => {
    const both = { secondFactors: ['otp', 'passkey'] as const }
    expect(policy.helpful(both, PWD, ['urn:x:mfa'])).toEqual(['otp', 'passkey'])
    expect(policy.helpful(both, PWD, ['urn:x:phr'])).toEqual(['passkey'])
    expect(policy.helpful(both, CODE, ['urn:x:phr'])).toEqual(['passkey'])
    expect(policy.helpful({ secondFactors: ['otp'] }, PWD, ['urn:x:phr'])).toEqual([])
    expect(policy.helpful({}, PWD, ['urn:x:mfa'])).toEqual([])
    const all = new AuthenticationPolicy([{ acr: 'urn:x:all', methods: ['otp+phr'] }])
    expect(all.helpful(both, PWD, ['urn:x:all'])).toEqual(['otp', 'passkey'])
    expect(all.helpful(both, CODE, ['urn:x:all'])).toEqual(['passkey'])
  })

  test('A54 who has a second factor is asked for one, unless the operator says that only levels ask', () => {
    const account = { secondFactors: ['otp', 'passkey'] as const }
    expect([PWD, CODE, PASSKEY].map((amr) => policy.enough(account, amr))).toEqual([false, true, true])
    expect(policy.enough({ secondFactors: ['passkey'] }, CODE)).toBe(false)
    expect(policy.enough({}, PWD)).toBe(true)
    expect(new AuthenticationPolicy(LEVELS, 'when-asked').enough(account, PWD)).toBe(true)
  })

  test('RFC 8176 §2: mfa stands beside methods of more than one kind, once', () => {
    expect([methodsOf('pwd'), methodsOf('pwd', 'otp'), methodsOf('pwd', 'otp', 'mfa', 'hwk'), methodsOf('hwk', 'mfa')]).toEqual([
      ['pwd'],
      ['pwd', 'otp', 'mfa'],
      ['pwd', 'otp', 'hwk', 'mfa'],
      ['hwk', 'mfa'],
    ])
  })
})

test('STEP-35 a level that could not stand in a header, that nobody could reach or that is there twice is a fault with its place', () => {
  expect(checkAuthenticationLevels(LEVELS, 'levels')).toEqual([])
  const faulty = [
    { acr: 'a b', methods: ['pwd'] },
    { acr: 'say "hi"', methods: ['pwd'] },
    { acr: 'back\\slash', methods: ['pwd'] },
    { acr: '', methods: ['pwd'] },
    { acr: 'x', methods: [] },
    { acr: 'x', methods: ['pwd', 'pwd+sms'] },
  ]
  expect(checkAuthenticationLevels(faulty, 'levels').map(({ path }) => path)).toEqual([
    'levels[0].acr',
    'levels[1].acr',
    'levels[2].acr',
    'levels[3].acr',
    'levels[4].methods',
    'levels[5].acr',
    'levels[5].methods[1]',
  ])
  expect(
    checkAuthenticationLevels(
      Array.from({ length: 21 }, (_, index) => ({ acr: `x${index}`, methods: ['pwd'] })),
      'levels',
    ),
  ).toHaveLength(1)
})
