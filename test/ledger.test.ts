import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { concerning, parseDigest, type Requirement } from '../scripts/ledger/digest.mjs'
import { faults, idsIn, isOpenMust, type Ledger, standing, type Test, testsById } from '../scripts/ledger/weigh.mjs'

const actorsOf = (line: string, heading = 'Anything'): readonly string[] | undefined =>
  parseDigest('x', `## ${heading}\n- OA-01 ${line}`)[0]?.actors
const requirement = (id: string, level: Requirement['level'] = 'MUST', actors: readonly string[] = ['AS']): Requirement => ({
  id,
  level,
  actors,
  text: 'do',
  digest: 'x',
})
const named = (...names: readonly string[]): readonly Test[] => names.map((name) => ({ name, file: 'x.test.ts' }))
const ledgerOf = (rows: Ledger['rows'], done: readonly string[] = []): Ledger => ({ rows, done })
const DEFERRED = { id: 'OA-01', status: 'deferred', issue: '3 Every grant' } as const

describe('requirement lines', () => {
  test.each(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'])('%s is a level', (level) => {
    expect(parseDigest('x', `- OA-01 ${level} AS do it. [§1]`)).toMatchObject([{ id: 'OA-01', level, actors: ['AS'], digest: 'x' }])
  })
  test.each([
    ['MUST AS refuse', ['AS']],
    ['MUST AS/RS find', ['AS', 'RS']],
    ['MUST AS, when mandatory, refuse', ['AS']],
    ['MUST, with DPoP, support it', ['AS', 'RS', 'CL']],
    ['MUST public CL use PKCE', ['CL']],
    ['SHOULD (RECOMMENDED) prefer', ['AS', 'RS', 'CL']],
    ['MAY (-10) AS/RS advertise', ['AS', 'RS']],
    ["MUST the AS's own resources act", ['AS']],
    ['MUST proxy/AS strip', ['AS']],
    ['MUST OP return', ['AS']],
    ['MUST RP/BFF check', ['CL']],
    ['MUST `aud` = AS issuer', ['AS', 'RS', 'CL']],
    ['MUST JWT access token carry', ['AS', 'RS', 'CL']],
    ['MUST ASSERT nothing', ['AS', 'RS', 'CL']],
  ])('%s concerns %s', (line, actors) => {
    expect(actorsOf(line)).toEqual(actors)
  })
  test.each([
    ['Client (BFF) duties', ['CL']],
    ['Clients (our BFF in FAPI mode, §5.3.3)', ['CL']],
    ['BFF — cookies (§6.1.3.2)', ['CL']],
    ['Resource server (guard)', ['RS']],
    ['Guard configuration suggested by the above', ['RS']],
    ['Authorization server — general (§5.3.2.1)', ['AS']],
    ['Browser OAuth clients — AS side (§6.3)', ['AS']],
    ['AS-provided nonce', ['AS', 'RS', 'CL']],
  ])('where the line names nobody, the heading "%s" does: %s', (heading, actors) => {
    expect(actorsOf('MUST keep it', heading)).toEqual(actors)
    expect(actorsOf('MUST RS keep it', heading)).toEqual(['RS'])
  })
  test('what looks like a requirement and has no level is a fault, anything else is text', () => {
    expect(() => parseDigest('x', '- OA-01 OUGHT AS')).toThrow('x.md: no level in "- OA-01 OUGHT AS"')
    expect(parseDigest('x', 'OA-01 MUST\n| OA-01 | MUST |\n- see OA-01 MUST')).toEqual([])
  })
  test('the digests of docs/standards have the 862 requirements that their index names', () => {
    const folder = new URL('../docs/standards/', import.meta.url)
    const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')
    const all = names.flatMap((name) => parseDigest(name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')))
    expect(all).toHaveLength(862)
    expect(new Set(all.map(({ id }) => id)).size).toBe(862)
    expect(readFileSync(new URL('README.md', folder), 'utf8')).toContain('**862**')
  })
  test('those of an actor', () => {
    const all = [requirement('OA-01', 'MUST', ['AS']), requirement('OA-02', 'MUST', ['RS', 'CL']), requirement('OA-03', 'MUST', ['CL'])]
    expect(concerning(all, ['AS', 'RS']).map(({ id }) => id)).toEqual(['OA-01', 'OA-02'])
  })
})

// No id may get into the names of these tests: the ledger would count it.
describe('names of tests', () => {
  const prefixes = new Set(['OA', 'DPOP'])
  test.each([
    ['OA-01 RFC 6749: refused', ['OA-01']],
    ['a group > OA-01 DPOP-08: two', ['OA-01', 'DPOP-08']],
    ['RFC-6749, SHA-256 and UTF-16 are none, OB-01 neither', []],
    ['a range is not read: OA-01-05', []],
  ])('row %#', (name, ids) => {
    expect(idsIn(name, prefixes)).toEqual(ids)
  })
})

describe('weighing', () => {
  const all = [requirement('OA-01'), requirement('OA-02', 'MAY')]
  const standingOf = (tests: readonly Test[], ledger: Ledger): string => standing('OA-01', testsById(all, tests), ledger)
  const faultsOf = (tests: readonly Test[], ledger: Ledger): readonly string[] =>
    faults(all, testsById(all, tests), ledger, (path) => path === 'docs/decisions/0001-x.md')

  test('tested, untested, deferred, overdue, inapplicable', () => {
    expect(standingOf(named('OA-01 it'), ledgerOf([]))).toBe('tested')
    expect(standingOf(named('OA-02 it'), ledgerOf([]))).toBe('untested')
    expect(standingOf([], ledgerOf([DEFERRED], ['2']))).toBe('deferred')
    expect(standingOf([], ledgerOf([DEFERRED], ['2', '3']))).toBe('overdue')
    expect(standingOf([], ledgerOf([{ id: 'OA-01', status: 'inapplicable', reason: 'x' }]))).toBe('inapplicable')
  })
  test('a deferral stands although a part is tested', () => {
    expect(standingOf(named('OA-01 a part'), ledgerOf([DEFERRED]))).toBe('deferred')
    expect(standingOf(named('OA-01 a part'), ledgerOf([DEFERRED], ['3']))).toBe('overdue')
  })
  test('only a MUST may keep the exit code from 0', () => {
    const open = (level: Requirement['level'], how: 'untested' | 'overdue' | 'deferred'): boolean => isOpenMust({ level, standing: how })
    expect([open('MUST', 'untested'), open('MUST NOT', 'untested'), open('MUST', 'overdue')]).toEqual([true, true, true])
    expect([open('SHOULD', 'untested'), open('MAY', 'overdue'), open('MUST', 'deferred')]).toEqual([false, false, false])
  })
  test.each([
    ['an unknown id', named('OA-99 it'), [], 'OA-99 is in no digest'],
    ['a row for an id that is in no digest', [], [{ ...DEFERRED, id: 'OA-99' }], 'OA-99 has a row'],
    ['two rows', [], [DEFERRED, DEFERRED], 'OA-01 has two rows'],
    ['a deferral to nothing', [], [{ ...DEFERRED, issue: 'later' }], 'a deferral names an issue'],
    ['no reason', [], [{ id: 'OA-02', status: 'inapplicable', reason: ' ' }], 'inapplicable needs a reason'],
    ['a MUST without a decision', [], [{ id: 'OA-01', status: 'inapplicable', reason: 'x' }], 'a MUST is inapplicable only by a decision'],
    [
      'a decision that is not there',
      [],
      [{ id: 'OA-01', status: 'inapplicable', reason: 'x', decision: 'docs/decisions/0002-y.md' }],
      'there is no decision',
    ],
    [
      'tested and called inapplicable',
      named('OA-02 it'),
      [{ id: 'OA-02', status: 'inapplicable', reason: 'x' }],
      'called inapplicable, and tested',
    ],
  ] as const)('wrong: %s', (_name, tests, rows, fault) => {
    expect(faultsOf(tests, ledgerOf(rows))).toEqual([expect.stringContaining(fault)])
  })
  test('not wrong: a MAY with a reason, a MUST with a decision that is there', () => {
    expect(faultsOf([], ledgerOf([{ id: 'OA-02', status: 'inapplicable', reason: 'x' }]))).toEqual([])
    expect(faultsOf([], ledgerOf([{ id: 'OA-01', status: 'inapplicable', reason: 'x', decision: 'docs/decisions/0001-x.md' }]))).toEqual([])
  })
})
