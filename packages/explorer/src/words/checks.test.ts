import { expect, test } from 'vitest'
import { ATTACKS } from '../attacks/index.ts'
import { flowOf, runTo } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { checkWords } from './checks.ts'

test.each(['code-pkce', 'code-par', 'code-dpop', 'refresh'])('every check of %s has its sentence', async (id) => {
  const run = await runTo(await startWorld(), flowOf(id))
  const findings = run.view.exchanges.flatMap((one) => [...(one.findings ?? []), ...one.seen])
  expect(findings.length).toBeGreaterThan(50)
  const without = findings.filter((one) => checkWords(one) === undefined).map(({ about, check }) => `${about}: ${check}`)
  expect([...new Set(without)]).toEqual([])
})

test('so has every check that catches a thief in them', () => {
  const there = ATTACKS.filter(({ at }) => ['code-pkce', 'code-par', 'code-dpop', 'refresh'].some((flow) => at[flow] !== undefined))
  const caught = there.flatMap(({ caughtBy }) => caughtBy ?? [])
  expect(caught.length).toBeGreaterThan(15)
  expect(caught.filter((one) => checkWords(one) === undefined)).toEqual([])
})

test('a check that nobody wrote about has none, whatever its name', () => {
  expect(checkWords({ about: 'code', check: 'toString' })).toBeUndefined()
  expect(checkWords({ about: 'constructor', check: 'name' })).toBeUndefined()
})
