import { Fault } from '../faults.ts'
import { NO_TRACE } from '../flow.ts'
import type { Scene } from '../scene.ts'
import { type Overheard, overhear, showOverheard } from './overheard.ts'

/** How often the receivers are asked, in milliseconds. */
const EVERY = 400

export interface Watch {
  readonly url: string
  /** What the person is to do there. */
  readonly say: string
  /** The request with which it begins: what was before it is no part of the step. */
  readonly first: (one: Overheard) => boolean
  /** Whether all has come that is waited for: what came since the first is asked. */
  readonly done: (seen: readonly Overheard[]) => boolean
}

/**
 * A person acts in a window from which nothing comes back. What the receivers tell is waited for and shown, so that nothing is shown
 * that did not take place.
 *
 * @returns what was shown, in the order in which it began
 * @throws {Fault} she gave up, or nobody tells
 */
export async function watch(scene: Scene, { url, say, first, done }: Watch): Promise<readonly Overheard[]> {
  const mark = await scene.trace.last()
  if (mark === undefined) throw new Fault(NO_TRACE, 'Start the example on this machine.')
  const heard = async (): Promise<readonly Overheard[]> => {
    const all = overhear(scene, await scene.trace.since(mark))
    const begin = all.findIndex(first)
    return begin === -1 ? [] : all.slice(begin)
  }
  let seen: readonly Overheard[] = []
  scene.events.waiting({ url, say, stays: true })
  try {
    do {
      await scene.unlessEnded(scene.stage.wait(EVERY, scene.signal))
      seen = await heard()
    } while (!done(seen))
    return seen
  } finally {
    scene.events.waiting(undefined)
    showOverheard(scene, seen)
  }
}
