import { type Child, childSpawner } from '../../../../test/engines/spawn.ts'

export type { Child } from '../../../../test/engines/spawn.ts'

/** Another process with this engine: `child.ts`. */
export const spawnChild: (...args: readonly string[]) => Child = childSpawner(new URL('./child.ts', import.meta.url))
