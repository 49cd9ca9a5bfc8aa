/** What a page and the back end that runs a flow for it say to each other. */

import type { RunView } from './model.ts'

/** `POST {backend}/explorer/runs` begins one. */
export interface BeginRun {
  readonly flow: string
}

/** Its answer. */
export interface BegunRun {
  readonly id: string
  readonly state: RunState
}

/** `GET {backend}/explorer/runs/{id}?seen={version}` answers as soon as there is a newer one, and after some seconds anyway. */
export interface RunState {
  /** Rises with each change of the view. */
  readonly version: number
  readonly view: RunView
}

/** `POST {backend}/explorer/runs/{id}`: answered at once with the state, whatever comes of it. */
export type RunOrder =
  | { readonly do: 'step' | 'cancel' | 'close' }
  | { readonly do: 'attack'; readonly attack: string }
  | { readonly do: 'answer'; readonly text: string }
