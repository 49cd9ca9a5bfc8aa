import { run } from './cli.ts'
import { processTerminal } from './terminal.ts'

/** How long what should have ended may hold the process open, in milliseconds. */
const LEFTOVERS = 1000

// Whoever read our output went away: that ends the output, not the server.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

// No top-level await: the shim takes this module in by `require`. And not process.exit at once: what was
// written to a pipe must arrive first.
void run(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code
  setTimeout(() => process.exit(), LEFTOVERS).unref()
})
