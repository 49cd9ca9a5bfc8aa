import { type Attack, ATTACKS, FLOWS } from '@holdfast/explorer'
import { expect, type Page, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { goOn, tryAttack } from './explorer/person.ts'

test.use({ actionTimeout: 15_000 })
test.setTimeout(120_000)

let demo: RunningDemo
test.beforeAll(async () => {
  demo = await startDemo()
})
test.afterAll(() => demo.stop())

/** Each attack in the flow where it is met first, so that the last of them do not wait for the first ones' flows. */
const TRIED_IN: ReadonlyMap<string, string> = new Map(
  ATTACKS.map(({ id, at }) => [id, Object.keys(at).find((flow) => flow !== 'step-up') ?? '']),
)

/** What the reader is told at the end of an attack that nothing stands in the way of, or that misses. */
const WITHOUT_CHECK: Readonly<Record<string, 'won' | 'refused'>> = {
  'scope-added': 'won',
  'stolen-bearer': 'won',
  'scope-added-to-pushed': 'refused',
}

/** What the reader is told where it depends on the browser: this one takes two ports of a host for one site. */
const SAID: Readonly<Record<string, string>> = { 'call-from-other-page': 'Her cookie came along' }

async function open(page: Page, flow: string): Promise<void> {
  await page.goto(`${demo.issuer}/explorer/#/${flow}`)
  await expect(page.locator('#next')).toBeVisible()
}

async function expectOutcome(page: Page, { id, caughtBy }: Attack): Promise<void> {
  const result = page.locator('.attack', { has: page.locator(`#attack-${id}`) }).locator('.result')
  if (caughtBy === undefined) return expect(result).toHaveClass(new RegExp(WITHOUT_CHECK[id] ?? 'not in the list above'))
  await expect(result).toHaveClass(/refused/)
  await expect(result).toContainText(SAID[id] ?? '')
  await expect(result).toContainText(`Caught by ${caughtBy.about}: ${caughtBy.check}`)
}

test.describe('each flow runs to its end, and each attack is caught by the check that its receiver tells', () => {
  for (const flow of FLOWS) {
    const attacks = ATTACKS.filter(({ id }) => TRIED_IN.get(id) === flow.id)
    test(`${flow.id}, and ${attacks.length} attacks`, async ({ page }) => {
      await open(page, flow.id)
      const tried = new Set<string>()
      // What ends the run for its owner comes last.
      const tryThose = async (costly: boolean): Promise<void> => {
        for (const attack of attacks) {
          const { id, costs } = attack
          if (tried.has(id) || (costs !== undefined) !== costly || !(await page.locator(`#attack-${id}`).isVisible())) continue
          tried.add(id)
          await tryAttack(page, demo, id)
          await expectOutcome(page, attack)
        }
      }
      for (let step = 1; step <= flow.steps.length; step++) {
        await goOn(page, demo, step)
        await tryThose(false)
      }
      // What went well for its owner is no refusal: being asked to come back is none either.
      await expect(page.locator('.row.is-refused:not(.thief)')).toHaveCount(0)
      await tryThose(true)
      expect([...tried].toSorted()).toEqual(attacks.map(({ id }) => id).toSorted())
    })
  }
})
