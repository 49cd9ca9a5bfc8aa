import { PASSWORD } from '../../../server/src/test/server.ts'
import type { Flow } from '../flow.ts'
import { FLOWS } from '../flows/index.ts'
import type { Runner } from '../model.ts'
import { createRun } from '../run.ts'
import { FRESH, type TestWorld } from './world.ts'

export function flowOf(id: string): Flow {
  const flow = FLOWS.find((one) => one.id === id)
  if (flow === undefined) throw new Error(`no flow ${id}`)
  return flow
}

/** A run whose person does what she is asked to. */
export function begin(world: TestWorld, flow: Flow): Runner {
  const run = createRun(flow, flow.by === 'page' ? world.page : world.backend)
  run.subscribe(() => {
    world.person.waiting = run.view.waiting
    if (run.view.asking !== undefined) run.answer?.(PASSWORD)
  })
  return run
}

/** Goes on until so many steps are done, or it fails. */
export async function goOn(world: TestWorld, flow: Flow, run: Runner, steps: number = flow.steps.length): Promise<Runner> {
  for (let step = run.view.done; step < steps && run.view.failed === undefined; step++) {
    // What the API wants is a fresh sign-in: this one gets old.
    if (flow.steps[step]?.id === 'challenge') world.clock.advance(FRESH + 1)
    await run.step()
  }
  return run
}

export function runTo(world: TestWorld, flow: Flow, steps?: number): Promise<Runner> {
  return goOn(world, flow, begin(world, flow), steps)
}
