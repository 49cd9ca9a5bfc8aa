import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The programs of the installed packages first, the pinned Node among them: as `npm run` has it. */
export const environment = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` }

/**
 * Runs a program of the installed packages, or of the system.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: what it prints is kept, not shown
 * @returns {Promise<{ code: number, output: string, error: string }>} it never rejects: what cannot be started has code 127
 */
export function run(command, args, { cwd = root, env = environment, quiet = false } = {}) {
  return new Promise((resolve) => {
    const stream = quiet ? 'pipe' : 'inherit'
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', stream, stream] })
    let output = ''
    let error = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (error += chunk))
    child.on('error', (fault) => resolve({ code: 127, output, error: `${command} cannot be started: ${fault.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output, error }))
  })
}

export const secondsSince = (started) => ((Date.now() - started) / 1000).toFixed(1)
