import type { SchemaNode } from '@holdfast/server/config'

/** One value that can be set: in the file, by environment, by a flag. */
export interface Option {
  /** `listen.port`. */
  readonly path: string
  readonly members: readonly string[]
  /** `HOLDFAST_LISTEN_PORT`. */
  readonly variable: string
  readonly node: SchemaNode
}

/** The options of a schema: members of sections, where a section is an object that is no list and no open record. */
export function optionsOf(root: SchemaNode, prefix = 'HOLDFAST', members: readonly string[] = []): readonly Option[] {
  return Object.entries(root.properties ?? {}).flatMap(([name, node]) => {
    const below = [...members, name]
    if (name === '$schema') return []
    if (node.properties !== undefined) return optionsOf(node, prefix, below)
    return [{ path: below.join('.'), members: below, variable: `${prefix}_${below.map(upper).join('_')}`, node }]
  })
}

/** `trustedProxies` is `TRUSTED_PROXIES`. */
function upper(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()
}

/**
 * Text of a flag or variable as the value it stands for: lists and objects as JSON, numbers and truth by
 * their usual spelling. Text that is neither is handed on, so that the schema says what is allowed.
 */
export function valueOf(text: string, node: SchemaNode): { readonly value: unknown } | { readonly fault: string } {
  switch (node.type) {
    case 'integer':
      return { value: /^-?\d{1,15}$/.test(text) ? Number(text) : text }
    case 'boolean':
      return { value: text === 'true' ? true : text === 'false' ? false : text }
    case 'array':
    case 'object':
      try {
        return { value: JSON.parse(text) as unknown }
      } catch {
        // The parser's message would repeat the text, which may hold secrets.
        return { fault: `must be JSON: ${node.allowed ?? (node.type === 'array' ? 'a list' : 'an object')}` }
      }
    default:
      return { value: text }
  }
}
