/** `npm run dev`: `tsc -b -w` builds what changes, `node --watch` starts the examples anew from what was built. */
import { spawn } from 'node:child_process'

const children = [
  spawn('tsc', ['-b', '-w', '--preserveWatchOutput'], { stdio: 'inherit' }),
  spawn(process.execPath, ['--watch', 'scripts/start.mjs'], { stdio: 'inherit' }),
]
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => children.forEach((child) => child.kill(signal)))
for (const child of children)
  child.once('exit', (code) => {
    for (const other of children) other.kill()
    process.exitCode = code ?? 0
  })
