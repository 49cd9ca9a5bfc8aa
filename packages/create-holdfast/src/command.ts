import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { HELP, readArguments } from './arguments.ts'
import { ask, defaults } from './ask.ts'
import { type Machine, ownNode } from './manifest.ts'
import { Refusal } from './refusal.ts'
import { packageManagerOf } from './templates.ts'
import { refuseUnlessFree, writeStarter } from './write.ts'

/** What the program has around it. */
export interface Surroundings {
  readonly directory: string
  readonly machine: Machine
  readonly userAgent: string | undefined
  /** Whether somebody is there to be asked. */
  readonly isTTY: boolean
  out(text: string): void
  err(text: string): void
}

/** @returns the exit code: 0, or 1 after a refusal, which was printed */
export async function command(line: readonly string[], around: Surroundings): Promise<number> {
  try {
    await run(line, around)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    around.err(`${error.message}\n`)
    return 1
  }
}

async function run(line: readonly string[], around: Surroundings): Promise<void> {
  const given = readArguments(line)
  if (given.show === 'help') return around.out(HELP)
  if (given.show === 'version') return around.out(`${version()}\n`)
  // Before the first question: the answers would be for nothing.
  if (given.folder !== undefined) refuseUnlessFree(resolve(around.directory, given.folder))
  const packageManager = packageManagerOf(around.userAgent)
  const complete = given.folder !== undefined && given.template !== undefined
  if (!given.yes && !complete && !around.isTTY)
    throw new Refusal('There is no terminal to ask in: name a folder and --template, or add --yes. Nothing was written.')
  const answers = given.yes || !around.isTTY ? defaults(given, packageManager) : await ask(given, packageManager, around.directory)
  const folder = resolve(around.directory, answers.folder)
  const packages = given.packages === undefined ? undefined : resolve(around.directory, given.packages)
  writeStarter({ ...answers, folder, packages, machine: around.machine })
  around.out(next(folder, answers.template, answers.packageManager, around))
}

function next(folder: string, template: string, packageManager: string, { directory, machine }: Surroundings): string {
  const path = relative(directory, folder)
  const there = path === '' ? '' : `cd ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)} && `
  const old = ownNode(machine) !== undefined
  return `
Wrote ${template} to ${folder}${old ? `\nThis machine has Node ${machine.node}, which is too old for it; a newer one is among its packages.` : ''}

  ${there}${packageManager} install
  ${packageManager} start

`
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
  return manifest.version
}
