/**
 * `node local/start.ts COMMAND …`: the application, and a Holdfast of its own unless `HOLDFAST_ISSUER` names another.
 * Both end together. In production start the application's own command.
 */
import { spawn } from 'node:child_process'
import './environment.ts'
import type { LocalHoldfast } from './holdfast.ts'

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('node local/start.ts COMMAND …')
const { PORT = '3000', HOLDFAST_PORT = '4000', HOLDFAST_ISSUER = '' } = process.env
const app = process.env['APP_URL'] ?? `http://localhost:${PORT}`

// Else the banner below would come from whatever is there.
if (await answers(`http://localhost:${PORT}`)) stop(`Port ${PORT} is taken. Set another in .env: PORT=3100`)
const holdfast = HOLDFAST_ISSUER === '' ? await local() : undefined
const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', PORT, APP_URL: app, ...holdfast?.environment },
})
let ending: number | undefined
const end = async (code: number): Promise<void> => {
  // One Ctrl-C comes twice, from the terminal and from npm; a later one is of somebody in a hurry.
  if (ending !== undefined && performance.now() - ending > 300) process.exit(code)
  if (ending !== undefined) return
  ending = performance.now()
  child.kill('SIGTERM')
  await holdfast?.close()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
child.once('error', (error) => {
  console.error(`${command} cannot be started: ${error.message}`)
  void end(127)
})
child.once('exit', (code) => {
  if (ending === undefined) void end(code ?? 1)
})

while (ending === undefined && !(await answers(app))) await new Promise((resolve) => setTimeout(resolve, 100))
if (ending === undefined) console.log(banner(holdfast))

async function local(): Promise<LocalHoldfast> {
  const { startHoldfast } = await import('./holdfast.ts')
  try {
    return await startHoldfast({ issuer: `http://localhost:${HOLDFAST_PORT}`, app, folder: '.holdfast' })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const taken = 'code' in error && error.code === 'EADDRINUSE'
    return stop(taken ? `Port ${HOLDFAST_PORT} is taken. Set another in .env: HOLDFAST_PORT=4100` : error.message)
  }
}

function stop(reason: string): never {
  console.error(reason)
  process.exit(1)
}

/** Whatever it answers, it listens. */
function answers(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )
}

function banner(running: LocalHoldfast | undefined): string {
  const lines = [['open', app], ...(running === undefined ? [['signs in at', HOLDFAST_ISSUER]] : signIn(running))]
  return `\n${lines.map(([what = '', it = '']) => `  ${what.padEnd(12)}${it}`).join('\n')}\n`
}

function signIn({ issuer, person }: LocalHoldfast): readonly (readonly string[])[] {
  if (person === undefined) return [['Holdfast', issuer]]
  return [
    ['Holdfast', issuer],
    ['sign in as', person.username],
    // Shown once: it may have been changed since, at /account.
    ['password', person.isNew ? person.password : 'as shown at the first start; it is in .holdfast/demo.password'],
  ]
}
