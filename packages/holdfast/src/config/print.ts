import { isRecord, pathOf, type SchemaNode } from '@holdfast/server/config'
import type { Loaded, Origin } from './configuration.ts'
import { optionsOf } from './options.ts'
import { valueAt } from './tree.ts'

const MASK = '********'

/** One option as it stands, with secrets masked. */
export interface Shown {
  readonly path: string
  /** Undefined: not set, and there is no default. */
  readonly value: unknown
  readonly origin: Origin
}

/** Every option with its value and where it came from; secrets are masked, also inside lists. */
export function show(loaded: Pick<Loaded, 'written' | 'origins'>, root: SchemaNode): readonly Shown[] {
  return optionsOf(root).map(({ path, members, node }) => {
    const value = valueAt(loaded.written, members)
    if (value === undefined) return { path, value: node.default, origin: { kind: 'default', name: 'default' } }
    return { path, value: masked(value, node), origin: loaded.origins.get(path) ?? { kind: 'file', name: '' } }
  })
}

/** Lines of `path: value`, with `# origin` behind where asked for. */
export function formatShown(shown: readonly Shown[], withOrigin: boolean): string {
  const lines = shown
    .filter(({ value }) => value !== undefined)
    .map(({ path, value, origin }) => ({
      text: `${path}: ${JSON.stringify(value)}`,
      origin: origin.kind === 'default' ? 'default' : `${origin.kind} ${origin.name}`,
    }))
  const width = Math.min(60, Math.max(...lines.map(({ text }) => text.length)))
  return lines.map(({ text, origin }) => (withOrigin ? `${text.padEnd(width)}  # ${origin}` : text)).join('\n')
}

/** A reference says where a secret lies and is no secret: it is shown. */
export function masked(value: unknown, node: SchemaNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, node?.items))
  if (isRecord(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        known(node, name) ? masked(member, node?.properties?.[name]) : member === undefined ? member : MASK,
      ]),
    )
  if (node?.secret === true && typeof value === 'string') return /^(env|file):/.test(value) ? value : MASK
  return value
}

/** RFC 7518 §6: a private key where a public one belongs is a fault, and is not printed either. */
const PRIVATE_JWK_MEMBERS: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])

/** A member that the schema does not know, such as a mistyped `client_secrt`, may be anything: it is masked too. */
function known(node: SchemaNode | undefined, name: string): boolean {
  return node?.properties === undefined ? !PRIVATE_JWK_MEMBERS.has(name) : Object.hasOwn(node.properties, name)
}

/** One fault a line, path first: what a person reads on standard error. */
export function formatFaults(faults: readonly { readonly path: string; readonly message: string }[]): string {
  return faults.map(({ path, message }) => `  ${pathOf('', path)} ${message}`).join('\n')
}
