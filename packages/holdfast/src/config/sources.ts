import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Fault, nearest } from '@holdfast/server/config'
import type { Origin } from './configuration.ts'
import { type Option, valueOf } from './options.ts'
import { copyOf, setAt, type Tree, valueAt } from './tree.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where values come from, strongest first: flags, environment, file. */
export interface Layers {
  /** Path of an option → text, and how the flag is called. */
  readonly flags: ReadonlyMap<string, { readonly text: string; readonly name: string }>
  readonly environment: Environment
  readonly file: { readonly name: string; readonly content: Readonly<Record<string, unknown>> }
  /** What `HOLDFAST_…_FILE` is relative to. */
  readonly directory: string
}

export interface Merged {
  readonly tree: Tree
  readonly origins: ReadonlyMap<string, Origin>
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
}

/** Lays the sources over each other, option by option, and keeps where each value came from. */
export function merge(options: readonly Option[], layers: Layers): Merged {
  const tree = copyOf(layers.file.content) as Tree
  const origins = new Map<string, Origin>()
  const faults: Fault[] = []
  for (const option of options) {
    const given = fromFlag(option, layers) ?? fromEnvironment(option, options, layers)
    if (given === undefined) {
      if (valueAt(tree, option.members) !== undefined) origins.set(option.path, { kind: 'file', name: layers.file.name })
      continue
    }
    if ('fault' in given) {
      faults.push({ path: given.name, message: given.fault })
      continue
    }
    const read = valueOf(given.text, option.node)
    if ('fault' in read) faults.push({ path: option.path, message: `${read.fault} (set by ${given.origin.name})` })
    else setAt(tree, option.members, read.value)
    origins.set(option.path, given.origin)
  }
  for (const [path, flag] of layers.flags) {
    if (!options.some((option) => option.path === path)) faults.push({ path: flag.name, message: unknownOption(path, options) })
  }
  return { tree, origins, faults, warnings: strangers(options, layers.environment) }
}

type Given = { readonly text: string; readonly origin: Origin } | { readonly fault: string; readonly name: string }

function fromFlag(option: Option, { flags }: Layers): Given | undefined {
  const flag = flags.get(option.path)
  return flag === undefined ? undefined : { text: flag.text, origin: { kind: 'flag', name: flag.name } }
}

function fromEnvironment({ variable }: Option, options: readonly Option[], { environment, directory }: Layers): Given | undefined {
  const text = environment[variable]
  const fileVariable = `${variable}_FILE`
  // HOLDFAST_SECRETS_FILE is an option by itself and no way to give another.
  const path = options.some((one) => one.variable === fileVariable) ? undefined : environment[fileVariable]
  if (text !== undefined && path !== undefined) return { name: variable, fault: `stands beside ${fileVariable}; keep one of the two` }
  if (text !== undefined) return { text, origin: { kind: 'environment', name: variable } }
  if (path === undefined) return undefined
  try {
    return {
      text: readFileSync(resolve(directory, path), 'utf8').replace(/\r?\n$/, ''),
      origin: { kind: 'environment', name: `${fileVariable} (${path})` },
    }
  } catch (error) {
    return { name: fileVariable, fault: `names ${path}, which cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}` }
  }
}

function unknownOption(path: string, options: readonly Option[]): string {
  const meant = nearest(
    path,
    options.map((option) => option.path),
  )
  return meant === undefined ? `names no option: ${path}` : `names no option: ${path}; did you mean ${meant}?`
}

/** Read by the program and its scripts, and no options. */
const OTHERS: ReadonlySet<string> = new Set(['HOLDFAST_CONFIG', 'HOLDFAST_GUARD_CONFIG', 'HOLDFAST_CHROMIUM'])

/**
 * Variables that look like ours and are not. They do not stop the start: Kubernetes sets HOLDFAST_PORT and
 * others of its own accord for a service of that name.
 */
function strangers(options: readonly Option[], environment: Environment): readonly string[] {
  const known = options.map((option) => option.variable)
  return Object.keys(environment).flatMap((name) => {
    if (!name.startsWith('HOLDFAST_') || OTHERS.has(name) || known.includes(name) || known.includes(name.replace(/_FILE$/, ''))) return []
    const meant = nearest(name, known)
    return meant === undefined ? [] : [`${name} is not read; did you mean ${meant}?`]
  })
}
