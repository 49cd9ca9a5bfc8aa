import type { Members } from './encoding.ts'
import { cancelled } from './faults.ts'
import type { World } from './model.ts'

/** A confidential client: only in a back end, since a page cannot keep its key. */
export interface ConfidentialClient {
  readonly clientId: string
  /** RFC 7523 §2.2: a fresh one each time, since its `jti` counts once. `claims` overwrites members. */
  clientAssertion(claims?: Members): Promise<string>
  /** RFC 9101: these claims and who signs them, for whom, from when until when. */
  signRequestObject(claims: Members): Promise<string>
}

/** What the engine needs of the place where it runs: a page, a back end, a test. */
export interface Stage {
  readonly world: World
  readonly client?: ConfidentialClient | undefined
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Sends a person there in a window of her own.
   *
   * @param isOwn whether an address of the callback answers this very request: several pages may wait
   * @returns the whole address of the callback at which she arrived, fragment included
   * @throws {Fault} `cancelled()` when she does not come back, `popupBlocked()`
   */
  navigate(url: string, signal: AbortSignal, isOwn: (callback: string) => boolean): Promise<string>
  /** Resolves after that many milliseconds, or rejects when the run ends before. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export type StageParts = Pick<Stage, 'world' | 'navigate'> & Partial<Stage>

/** A stage with what pages and Node have in common: `fetch`, the clock and timers. */
export function createStage(parts: StageParts): Stage {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    now: () => Date.now(),
    wait: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer)
          reject(cancelled())
        }
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop)
          resolve()
        }, milliseconds)
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop, { once: true })
      }),
    ...parts,
  }
}
