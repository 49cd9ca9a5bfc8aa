import { describe, expect, test } from 'vitest'
import { countPlaywright, countVitest } from '../scripts/test-report.mjs'

const vitest = (...files: readonly (readonly string[] | 'unloaded')[]): string =>
  JSON.stringify({
    testResults: files.map((statuses) => ({
      name: 'x.test.ts',
      status: statuses === 'unloaded' || statuses.includes('failed') ? 'failed' : 'passed',
      assertionResults: statuses === 'unloaded' ? [] : statuses.map((status) => ({ status, fullName: `a ${status} one` })),
    })),
  })
const playwright = (statuses: readonly string[], errors: readonly string[] = []): string =>
  JSON.stringify({
    suites: [{ specs: [], suites: [{ specs: statuses.map((status) => ({ title: `a ${status} one`, tests: [{ status }] })) }] }],
    errors: errors.map((message) => ({ message })),
  })
const numbers = ({ passed, failed }: { readonly passed: number; readonly failed: number }): readonly number[] => [passed, failed]

describe('what the runners report', () => {
  test('passed and failed are added up over files', () => {
    expect(numbers(countVitest(vitest(['passed', 'failed'], ['passed']), 1))).toEqual([2, 1])
    expect(numbers(countPlaywright(playwright(['expected', 'unexpected', 'expected']), 1))).toEqual([2, 1])
  })
  test.each(['skipped', 'pending', 'todo'])('%s is not passed', (status) => {
    expect(countVitest(vitest(['passed', status]), 0)).toEqual({ passed: 1, failed: 1, reasons: [`${status}: a ${status} one`] })
  })
  test.each(['skipped', 'flaky'])('%s in the browser is not passed', (status) => {
    expect(countPlaywright(playwright(['expected', status]), 0)).toEqual({ passed: 1, failed: 1, reasons: [`${status}: a ${status} one`] })
  })
  test('a file that could not be loaded is a failure', () => {
    expect(numbers(countVitest(vitest(['passed'], 'unloaded'), 1))).toEqual([1, 1])
  })
  test('a crash is a failure, though every test passed before it', () => {
    expect(numbers(countVitest(vitest(['passed']), 1))).toEqual([1, 1])
    expect(numbers(countPlaywright(playwright(['expected']), 137))).toEqual([1, 1])
    expect(numbers(countPlaywright(playwright([], ['SyntaxError: x']), 1))).toEqual([0, 1])
  })
  test.each([undefined, '', '{"testResults":', 'null', '{"testResults":7,"suites":7}'])(
    'no report that can be read is a failure: %s',
    (text) => {
      expect(numbers(countVitest(text, 0))).toEqual([0, 1])
      expect(numbers(countPlaywright(text, 0))).toEqual([0, 1])
    },
  )
  test('no test at all is a failure', () => {
    expect(numbers(countVitest(vitest(), 0))).toEqual([0, 1])
    expect(numbers(countPlaywright(playwright([]), 0))).toEqual([0, 1])
  })
})
