import { describe, expect, test } from 'vitest'
import { codeDpop } from './flows/code.ts'
import { runTo } from './test/running.ts'
import { startWorld } from './test/world.ts'

describe('a thief', () => {
  test('plays only when the flow is there', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop, 2)
    for (const id of ['replay-proof', 'code-without-verifier', 'stolen-bearer', 'no such attack']) await run.attack(id)
    expect(run.view.attacks).toEqual([])
  })
  test('who gets no answer ends nothing', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop)
    world.internet.cut('https://api.example')
    await run.attack('bound-as-bearer')
    expect(run.view.attacks[0]).toMatchObject({ verdict: 'no answer', say: expect.stringContaining('No answer') })
    expect(run.view.failed).toBeUndefined()
  })
  test('where receivers tell nothing the verdict is of the answer, and no check is made up', async () => {
    const world = await startWorld({ untold: true })
    const run = await runTo(world, codeDpop)
    await run.attack('bound-as-bearer')
    expect(run.view.attacks[0]).toMatchObject({ verdict: 'refused', caught: undefined })
    expect(run.view.exchanges.every(({ findings }) => findings === undefined)).toBe(true)
    const seen = run.view.exchanges.flatMap((one) => one.seen.map(({ about, check }) => `${about}: ${check}`))
    expect(seen).toEqual(
      expect.arrayContaining(['authorization response: state', 'authorization response: iss', 'id_token: signature', 'id_token: nonce']),
    )
  })
})
