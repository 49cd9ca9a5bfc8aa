import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Refusal } from './refusal.ts'

/** The members of a package.json that are written anew; the others stay as the template has them. */
export interface Manifest {
  name?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  overrides?: Record<string, string>
}

/** The Node that the program and its tests run on, for a machine that has an older one. */
const PINNED_NODE = '24.21.0'
const OLDEST = [24, 15] as const
const PINNED_FOR: readonly string[] = ['linux-x64', 'linux-arm64']

export interface Machine {
  readonly node: string
  /** Such as `linux-x64`. */
  readonly platform: string
}

/** What a name may be: npm's rule, without its scopes. @returns `my-app` of `My App` */
export function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-._]+|[-.]+$/g, '')
  return name === '' ? 'holdfast-app' : name.slice(0, 214)
}

/** The template's manifest as this application has it: its own name, and where its packages come from. */
export function manifestFor(template: Manifest, name: string, machine: Machine, packages: string | undefined): Manifest {
  const own = ownNode(machine)
  const manifest: Manifest = { ...template, name, ...(own !== undefined && { optionalDependencies: own }) }
  return packages === undefined ? manifest : fromTarballs(manifest, packages)
}

/** Whether this machine's Node is old enough for the application to bring its own: npm puts it first in the path of scripts. */
export function ownNode({ node, platform }: Machine): Record<string, string> | undefined {
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return PINNED_FOR.includes(platform) ? { [`node-${platform}`]: PINNED_NODE } : undefined
}

/** Every package of ours from its tarball, those that the named ones need too: npm would look for them in the registry. */
function fromTarballs(manifest: Manifest, directory: string): Manifest {
  const tarballs = tarballsIn(directory)
  const located = (dependencies: Record<string, string> | undefined): Record<string, string> | undefined =>
    dependencies &&
    Object.fromEntries(
      Object.entries(dependencies).map(([name, version]) => {
        if (!isOurs(name)) return [name, version]
        const path = tarballs.get(name)
        if (path === undefined) throw new Refusal(`--packages ${directory} has no tarball of ${name}: npm pack writes it.`)
        return [name, `file:${path}`]
      }),
    )
  const [dependencies, devDependencies] = [located(manifest.dependencies), located(manifest.devDependencies)]
  return {
    ...manifest,
    ...(dependencies && { dependencies }),
    ...(devDependencies && { devDependencies }),
    overrides: Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`])),
  }
}

const isOurs = (name: string): boolean => name === 'holdfast' || name.startsWith('@holdfast/')

function tarballsIn(directory: string): ReadonlyMap<string, string> {
  let files: readonly string[]
  try {
    files = readdirSync(directory)
  } catch (error) {
    throw new Refusal(`--packages ${directory} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`)
  }
  // `npm pack` names them: holdfast-guard-0.1.0.tgz is @holdfast/guard, holdfast-0.1.0.tgz is holdfast.
  return new Map(
    files.flatMap((file) => {
      const [, name] = /^holdfast(?:-([a-z][a-z-]*))?-\d[^/]*\.tgz$/.exec(file) ?? [undefined, undefined]
      if (!file.startsWith('holdfast-') || !file.endsWith('.tgz')) return []
      return [[name === undefined ? 'holdfast' : `@holdfast/${name}`, resolve(join(directory, file))] as const]
    }),
  )
}
