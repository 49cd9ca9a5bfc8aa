import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Fault, isRecord, pathOf, type SchemaNode } from '@holdfast/server/config'
import type { Origin } from './configuration.ts'
import type { Environment } from './sources.ts'

export interface Followed {
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** Path of a value → what it named. */
  readonly origins: ReadonlyMap<string, Origin>
}

/** Replaces `env:NAME` and `file:PATH` by what they name, where the schema marks a secret and nowhere else. */
export function followReferences(value: unknown, node: SchemaNode, environment: Environment, directory: string): Followed {
  const faults: Fault[] = []
  const origins = new Map<string, Origin>()
  return { value: follow(value, node, ''), faults, origins }

  function follow(at: unknown, schema: SchemaNode | undefined, path: string): unknown {
    if (Array.isArray(at)) return at.map((item, index) => follow(item, schema?.items, pathOf(path, index)))
    if (isRecord(at))
      return Object.fromEntries(
        Object.entries(at).map(([name, member]) => [name, follow(member, schema?.properties?.[name], pathOf(path, name))]),
      )
    if (typeof at !== 'string' || schema?.secret !== true) return at
    if (at.startsWith('env:')) return fromEnvironment(at.slice(4), path)
    return at.startsWith('file:') ? fromFile(at.slice(5), path) : at
  }

  function fromEnvironment(name: string, path: string): string {
    const text = environment[name]
    if (text === undefined || text === '') faults.push({ path, message: `names the environment variable ${name}, which is not set` })
    origins.set(path, { kind: 'environment', name })
    return text ?? ''
  }

  function fromFile(name: string, path: string): string {
    origins.set(path, { kind: 'file', name })
    try {
      return readFileSync(resolve(directory, name), 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      faults.push({ path, message: `names the file ${name}, which cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}` })
      return ''
    }
  }
}
