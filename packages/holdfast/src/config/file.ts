import { existsSync, readFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Fault, isRecord } from '@holdfast/server/config'

/** What is looked for in the working directory where `--config` names no file. */
export function fileNames(stem: string): readonly string[] {
  return ['yaml', 'yml', 'json', 'ts'].map((ending) => `${stem}.${ending}`)
}

export interface ConfigurationFile {
  /** Absolute; undefined when there is no file. */
  readonly path: string | undefined
  readonly content: Readonly<Record<string, unknown>>
  readonly faults: readonly Fault[]
}

/**
 * Finds and reads the file. Having none is no fault: everything can come from the environment.
 *
 * @param stem such as `holdfast.config`: what is looked for in the directory where no file is named
 * @param hint what to do about a file that does not exist
 */
export async function readConfigurationFile(
  named: string | undefined,
  directory: string,
  stem: string,
  hint: string,
): Promise<ConfigurationFile> {
  const found = fileNames(stem).filter((name) => existsSync(resolve(directory, name)))
  if (named === undefined && found.length > 1)
    return {
      path: undefined,
      content: {},
      faults: [{ path: directory, message: `has ${found.join(' and ')}; keep one, or name one with --config` }],
    }
  const name = named ?? found[0]
  if (name === undefined) return { path: undefined, content: {}, faults: [] }
  const path = resolve(directory, name)
  if (!existsSync(path)) return { path, content: {}, faults: [{ path: name, message: `does not exist; ${hint}` }] }
  try {
    const content = await parse(path)
    if (isRecord(content)) return { path, content, faults: [] }
    return { path, content: {}, faults: [{ path: name, message: 'must hold an object' }] }
  } catch (error) {
    return { path, content: {}, faults: [{ path: name, message: `cannot be read: ${messageOf(error)}` }] }
  }
}

async function parse(path: string): Promise<unknown> {
  switch (extname(path)) {
    case '.json':
      return JSON.parse(readFileSync(path, 'utf8')) as unknown
    case '.yaml':
    case '.yml': {
      const { parse: parseYaml } = await import('yaml')
      // Aliases of aliases would make a short file a large one; two keys of one name hide one of them.
      return (parseYaml(readFileSync(path, 'utf8'), { maxAliasCount: 100, uniqueKeys: true }) ?? {}) as unknown
    }
    case '.ts':
    case '.mts': {
      const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
      if (!('default' in module)) throw new Error('it must export the configuration as default')
      return module['default']
    }
    default:
      throw new Error(`${basename(path)} must end in .json, .yaml, .yml or .ts`)
  }
}

/** A parser says where it stopped, and some quote what stood there, which may be a secret: the quotation is cut off. */
function messageOf(error: unknown): string {
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n')
  return first
    .replace(/, (\.\.\.)?".*$/, '')
    .replace(/:$/, '')
    .slice(0, 300)
}
