import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Machine, type Manifest, manifestFor, packageName } from './manifest.ts'
import { Refusal } from './refusal.ts'
import type { PackageManager, TemplateName } from './templates.ts'

export interface Wanted {
  /** Absolute. */
  readonly folder: string
  readonly template: TemplateName
  readonly packageManager: PackageManager
  readonly packages?: string | undefined
  readonly machine: Machine
}

/** npm leaves a `.gitignore` out of what it packs, and reads an `.npmrc`. */
const DOTTED: readonly string[] = ['gitignore', 'env.example']
const source = (part: string): string => fileURLToPath(new URL(`../${part}`, import.meta.url))

/**
 * Writes the application. It is made whole beside its place, and then moved there: whatever fails, no half of it stands.
 *
 * @throws {Refusal} where something is in the way
 */
export function writeStarter(wanted: Wanted): void {
  refuseUnlessFree(wanted.folder)
  const parent = dirname(wanted.folder)
  mkdirSync(parent, { recursive: true })
  const draft = mkdtempSync(join(parent, '.create-holdfast-'))
  try {
    fill(draft, wanted)
    moveInto(draft, wanted.folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** A new repository may be there, and nothing else: what is somebody's is not mixed with what is new. */
export function refuseUnlessFree(folder: string): void {
  if (!existsSync(folder)) return
  if (!lstatSync(folder).isDirectory()) throw new Refusal(`${folder} is there and is no folder. Name another; nothing was written.`)
  const found = readdirSync(folder).filter((name) => name !== '.git')
  if (found.length === 0) return
  const some = found.slice(0, 3).join(', ')
  throw new Refusal(`${folder} is not empty (${some}${found.length > 3 ? ', …' : ''}). Name a new folder; nothing was written.`)
}

function fill(draft: string, { folder, template, packageManager, packages, machine }: Wanted): void {
  cpSync(source('shared'), draft, { recursive: true })
  cpSync(source(`templates/${template}`), draft, { recursive: true })
  for (const name of DOTTED) if (existsSync(join(draft, name))) renameSync(join(draft, name), join(draft, `.${name}`))
  const name = packageName(basename(folder))
  const path = join(draft, 'package.json')
  const manifest = manifestFor(JSON.parse(readFileSync(path, 'utf8')) as Manifest, name, machine, packages)
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
  const readme = join(draft, 'README.md')
  writeFileSync(readme, readFileSync(readme, 'utf8').replaceAll('{{name}}', name).replaceAll('{{pm}}', packageManager))
}

/** One rename where nothing is. An empty folder stays the one it is, lest a shell stand in a folder that is gone. */
function moveInto(draft: string, folder: string): void {
  if (!existsSync(folder)) return renameSync(draft, folder)
  // Somebody may have written there meanwhile.
  refuseUnlessFree(folder)
  const moved: string[] = []
  try {
    // package.json last: whoever sees it sees all.
    for (const name of readdirSync(draft).toSorted((a, b) => Number(a === 'package.json') - Number(b === 'package.json'))) {
      renameSync(join(draft, name), join(folder, name))
      moved.push(name)
    }
  } catch (error) {
    for (const name of moved) rmSync(join(folder, name), { recursive: true, force: true })
    throw error
  }
}
