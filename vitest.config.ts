import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests run the sources: the `source` condition of every workspace package leads to its `.ts` files. */
const conditions = ['source', 'node', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'examples/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Many tests wait for processes that they started: on two cores the default would be one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
