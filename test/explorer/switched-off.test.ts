import { type Attack, ATTACKS, type Exchange, FLOWS, type Runner } from '@holdfast/explorer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SWITCHES } from './switches.ts'
import { Demo, flowOf } from './world.ts'

/** The flow that is soonest where the attack can be tried. */
function soonest({ at }: Attack): { readonly flow: string; readonly steps: number } {
  const places = Object.entries(at).map(([flow, [after]]) => ({
    flow,
    steps: flowOf(flow).steps.findIndex(({ id }) => id === after) + 1,
    // Step-up waits until a sign-in is old, and a person on her phone is polled for.
    slow: flow === 'step-up' || flow === 'ciba' || flow === 'device',
  }))
  return places.toSorted((a, b) => Number(a.slow) - Number(b.slow) || a.steps - b.steps)[0] ?? { flow: '', steps: 0 }
}

const named = ({ about, check }: { readonly about: string; readonly check: string }): string => `${about}: ${check}`

/** What the page itself checks, as a client, is tested there. */
const OF_THE_PAGE: ReadonlySet<string> = new Set(['mix-up', 'forged-answer'])

/** Those that a receiver catches. */
const CAUGHT = ATTACKS.flatMap((attack): [string, string, Attack][] => {
  const { caughtBy } = attack
  return caughtBy === undefined || OF_THE_PAGE.has(attack.id) ? [] : [[attack.id, named(caughtBy), attack]]
})

async function attacked(demo: Demo, attack: Attack): Promise<{ readonly run: Runner; readonly decided: Exchange | undefined }> {
  const { flow, steps } = soonest(attack)
  const run = await demo.run(flow, steps)
  await run.attack(attack.id)
  const result = run.view.attacks.at(-1)
  return { run, decided: run.view.exchanges.find(({ id }) => id === result?.exchange) }
}

test('every check that catches a thief can be switched off here, and no other', () => {
  expect(Object.keys(SWITCHES).toSorted()).toEqual([...new Set(CAUGHT.map(([, check]) => check))].toSorted())
  expect(FLOWS.length).toBeGreaterThan(10)
})

describe('with every check', () => {
  let demo: Demo
  beforeAll(async () => void (demo = await Demo.start()))
  afterAll(() => demo.stop())

  test.each(CAUGHT)('%s is caught by %s, and the receiver tells so', async (_id, check, attack) => {
    const { run, decided } = await attacked(demo, attack)
    const result = run.view.attacks.at(-1)
    expect([result?.verdict, result?.caught && named(result.caught)]).toEqual(['refused', check])
    expect(decided?.findings?.filter(({ refused }) => refused !== undefined).map(named)).toEqual([check])
  })
})

describe('without the check', () => {
  test.each(CAUGHT)('%s: %s is not in the list, and the thief gets further', async (_id, check, attack) => {
    const { patches, behind, passes } = SWITCHES[check] ?? { patches: [] }
    const demo = await Demo.start(patches)
    try {
      const { run, decided } = await attacked(demo, attack)
      const result = run.view.attacks.at(-1)
      const told = (decided?.findings ?? []).filter(({ refused }) => passes !== true || refused !== undefined).map(named)
      expect([result?.verdict, result?.caught && named(result.caught)]).toEqual(
        behind === undefined ? ['won', undefined] : behind === 'no answer' ? ['no answer', undefined] : ['refused', named(behind)],
      )
      expect(told).not.toContain(check)
    } finally {
      await demo.stop()
    }
  })
})
