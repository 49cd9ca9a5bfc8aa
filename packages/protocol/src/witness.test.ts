import { describe, expect, it } from 'vitest'
import { OAuthError } from './oauth-error.ts'
import { type Finding, firstRefusal, type NamedCheck, tellerOf, witnessed } from './witness.ts'

const short: NamedCheck<string, OAuthError> = {
  name: 'length',
  rule: 'X-01',
  check: (text) => (text.length > 3 ? new OAuthError('invalid_request', 'too long') : undefined),
}
const lower: NamedCheck<string, OAuthError> = {
  name: 'case',
  rule: 'X-02',
  check: (text) => (text === text.toLowerCase() ? undefined : new OAuthError('invalid_request', 'must be lower case')),
}

describe('a witness', () => {
  it('hears of a step that yields a value, and of one that refuses, and what it yields is handed on', () => {
    const heard: Finding[] = []
    const tell = tellerOf('word', (finding) => heard.push(finding))
    const refusal = new OAuthError('invalid_request', 'too long')
    expect([tell('length', 'X-01', 7), tell('case', 'X-02', refusal)]).toEqual([7, refusal])
    expect(heard).toEqual([
      { about: 'word', check: 'length', rule: 'X-01', refused: undefined },
      { about: 'word', check: 'case', rule: 'X-02', refused: 'too long' },
    ])
    expect(tellerOf('word', undefined)('length', 'X-01', refusal)).toBe(refusal)
  })

  it('hears of each check up to the one that refused, and of none after it', () => {
    const heard: Finding[] = []
    const refusal = firstRefusal('word', [short, lower], 'LONG', (finding) => heard.push(finding))
    expect(refusal?.description).toBe('too long')
    expect(heard).toEqual([{ about: 'word', check: 'length', rule: 'X-01', refused: 'too long' }])
  })

  it('hears of every check that passed', () => {
    const heard: Finding[] = []
    expect(firstRefusal('word', [short, lower], 'abc', (finding) => heard.push(finding))).toBeUndefined()
    expect(heard.map(({ check, refused }) => [check, refused])).toEqual([
      ['length', undefined],
      ['case', undefined],
    ])
  })

  it('is not needed: the decision is the same', () => {
    expect(firstRefusal('word', [short, lower], 'ABC', undefined)?.description).toBe('must be lower case')
    const refusal = new OAuthError('invalid_grant', 'no')
    expect(witnessed(undefined, { about: 'code', check: 'known', rule: 'X-03' }, refusal)).toBe(refusal)
  })

  it('hears of one check alone', () => {
    const heard: Finding[] = []
    expect(witnessed((finding) => heard.push(finding), { about: 'code', check: 'known', rule: 'X-03' }, undefined)).toBeUndefined()
    expect(heard).toEqual([{ about: 'code', check: 'known', rule: 'X-03', refused: undefined }])
  })
})
