import { dirname } from 'node:path'
import type { Fault, SchemaNode } from '@holdfast/server/config'
import type { Loaded } from './configuration.ts'
import { readConfigurationFile } from './file.ts'
import { optionsOf } from './options.ts'
import { followReferences } from './references.ts'
import { withOrigins } from './sections.ts'
import { type Environment, merge } from './sources.ts'
import type { Tree } from './tree.ts'

export interface LoadOptions {
  /** The file that `--config` or a variable names; without it the usual names are looked for. */
  readonly file?: string | undefined
  /** Path of an option → text and name of the flag. */
  readonly flags?: ReadonlyMap<string, { readonly text: string; readonly name: string }>
  readonly environment: Environment
  /** The working directory. */
  readonly directory: string
}

/** One of the program's configurations: what it is called outside, and how it is read. */
export interface Kind<T> {
  readonly root: SchemaNode
  /** `HOLDFAST`: what variables begin with. `_CONFIG` behind it names the file. */
  readonly prefix: string
  /** `holdfast.config`: the file's name without its ending. */
  readonly stem: string
  /** What to do about a file that is named and does not exist. */
  readonly hint: string
  /** Reads every section, also beside a faulty one, so that an operator sees all faults at once. */
  read(
    tree: Tree,
    directory: string,
    environment: Environment,
  ): { readonly configuration: T; readonly faults: readonly Fault[]; readonly warnings: readonly string[] }
  /** What is allowed but worth a look, of a configuration without faults. */
  warningsOf(configuration: T): readonly string[]
}

/** Reads a configuration from all its sources. Never throws for what an operator wrote: every fault is in the answer. */
export async function gather<T>(kind: Kind<T>, from: LoadOptions): Promise<Loaded<T>> {
  const file = await readConfigurationFile(from.file ?? from.environment[`${kind.prefix}_CONFIG`], from.directory, kind.stem, kind.hint)
  const directory = file.path === undefined ? from.directory : dirname(file.path)
  const merged = merge(optionsOf(kind.root, kind.prefix), {
    flags: from.flags ?? new Map(),
    environment: from.environment,
    file: { name: file.path ?? '', content: file.content },
    directory: from.directory,
  })
  const followed = followReferences(merged.tree, kind.root, from.environment, directory)
  const origins = new Map([...merged.origins, ...followed.origins])
  const found = { written: merged.tree, origins, file: file.path }
  // Without its file nearly everything would be reported missing.
  if (file.faults.length > 0) return { ...found, configuration: undefined, faults: file.faults, warnings: [] }
  const read = kind.read(followed.value as Tree, directory, from.environment)
  const unread = new Set([...merged.faults, ...followed.faults].map((fault) => fault.path))
  const faults = [
    ...merged.faults,
    ...followed.faults,
    ...withOrigins(
      read.faults.filter((fault) => !unread.has(fault.path)),
      origins,
    ),
  ]
  const warnings = [...merged.warnings, ...read.warnings, ...(faults.length === 0 ? kind.warningsOf(read.configuration) : [])]
  return { ...found, configuration: faults.length === 0 ? read.configuration : undefined, faults, warnings }
}
