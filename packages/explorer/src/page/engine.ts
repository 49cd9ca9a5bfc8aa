import type { Engine } from './ports.ts'

/** The one place where the page meets the engine. Until the flows are joined here, the page has none to offer. */
export const engine: Engine = {
  open: () => ({
    flows: [],
    attacks: [],
    start: (flowId) => {
      throw new Error(`there is no flow ${flowId}`)
    },
  }),
  dissect: () => undefined,
  explain: () => undefined,
  thread: () => Promise.resolve([]),
  paste: () => Promise.resolve([]),
  har: () => '',
  curl: () => '',
}
