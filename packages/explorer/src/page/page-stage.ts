import { cancelled } from '../faults.ts'
import type { World } from '../model.ts'
import { createStage, type Stage } from '../stage.ts'
import { hearAnswers } from './channel.ts'

/** The stage of a page: a person acts in a window that she opens herself, and its answer comes back by the channel. */
export function pageStage(world: World): Stage {
  return createStage({
    world,
    navigate: (_url, signal, isOwn) =>
      new Promise((resolve, reject) => {
        const end = hearAnswers(({ query, fragment }) => {
          const back = `${world.redirectUri}${query === '' ? '' : `?${query}`}${fragment === '' ? '' : `#${fragment}`}`
          if (!isOwn(back)) return false
          // After the window was told that it was heard.
          queueMicrotask(end)
          resolve(back)
          return true
        })
        const stop = (): void => {
          end()
          reject(cancelled())
        }
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop, { once: true })
      }),
  })
}
