import { allowedBy, type SchemaNode } from '@holdfast/server/config'
import { gatewayNode } from '../gateway/shape.ts'
import { type Option, optionsOf } from './options.ts'
import { configurationNode } from './schema.ts'

/** The JSON Schema for editors: the same rows that the program reads by, without our own marks. */
export function jsonSchemaText(): string {
  return schemaText('Holdfast configuration', configurationNode())
}

/** The same for `holdfast guard`. */
export function guardSchemaText(): string {
  return schemaText('Holdfast guard configuration', gatewayNode())
}

function schemaText(title: string, root: SchemaNode): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...(plain(root) as object) }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

/** `allowed` and `secret` are ours; the empty default of a section says nothing; `env:A` is shorter than what it names. */
function plain(node: unknown, parent = ''): unknown {
  if (Array.isArray(node)) return node.map((item) => plain(item))
  if (typeof node !== 'object' || node === null) return node
  // Below `properties` every name is an option's, also one that would be called like a mark of ours.
  const marks =
    parent === 'properties'
      ? []
      : ['allowed', 'secret', '$schema', ...('properties' in node ? ['default'] : []), ...('secret' in node ? ['minLength'] : [])]
  return Object.fromEntries(
    Object.entries(node)
      .filter(([name]) => !marks.includes(name))
      .map(([name, value]) => [name, plain(value, name)]),
  )
}

/** OPTIONS.md: every option with its type, default, variable and sentence. */
export function optionsPage(): string {
  const root = configurationNode()
  return `# Options

Made from the schema by \`node scripts/generate.mjs\`; do not edit. The file is \`holdfast.config.yaml\`, \`.yml\`, \`.json\` or \`.ts\`
(its default export). A flag (\`--set path=value\`) wins over the environment, the environment over the file, the file over the
default. In the environment lists and objects are JSON; \`HOLDFAST_…_FILE\` reads the value from a file. Secrets (marked) may be
\`env:NAME\` or \`file:PATH\`. Paths in a file are relative to it. What is unknown or wrong stops the start, all faults at once.

## Server

${sectionsOf(optionsOf(root))}
## A client

${members(root.properties?.['clients']?.items)}
## A resource

${members(root.properties?.['resources']?.items)}
## A type in \`authorizationDetailsTypes\`

${members(root.properties?.['authorizationDetailsTypes']?.items)}
## A person in \`accounts.seed\`

${members(root.properties?.['accounts']?.properties?.['seed']?.items)}`
}

/** GUARD-OPTIONS.md: the same for `holdfast guard`. */
export function guardOptionsPage(): string {
  const root = gatewayNode()
  return `# Options of holdfast guard

Made from the schema by \`node scripts/generate.mjs\`; do not edit. The file is \`holdfast.guard.yaml\`, \`.yml\`, \`.json\` or \`.ts\`
(its default export), or the one that \`--config\` or \`HOLDFAST_GUARD_CONFIG\` names. A flag (\`--set path=value\`) wins over the environment,
the environment over the file, the file over the default. In the environment lists and objects are JSON; \`HOLDFAST_GUARD_…_FILE\` reads
the value from a file. Secrets (marked) may be \`env:NAME\` or \`file:PATH\`. What is unknown or wrong stops the start, all faults at once.

## Guard

${sectionsOf(optionsOf(root, 'HOLDFAST_GUARD'))}
## A route

${members(root.properties?.['routes']?.items)}
## What a token needs there

${members(root.properties?.['need'])}`
}

function sectionsOf(options: readonly Option[]): string {
  return options.map(({ path, variable, node }) => `### \`${path}\`\n\n${node.description ?? ''}\n\n${facts(node, variable)}\n`).join('\n')
}

function facts(node: SchemaNode, variable: string): string {
  const standard = node.default === undefined ? '' : ` · default \`${JSON.stringify(node.default)}\``
  return `${allowedBy(node)}${standard} · \`${variable}\`${node.secret === true ? ' · secret' : ''}`
}

function members(node: SchemaNode | undefined): string {
  const rows = Object.entries(node?.properties ?? {}).map(([name, member]) => {
    const required = node?.required?.includes(name) === true ? ' (required)' : ''
    return `| \`${name}\`${required} | ${cell(allowedBy(member))}${member.secret === true ? ' · secret' : ''} | ${cell(member.description ?? '')} |`
  })
  return `| member | allowed | meaning |\n|---|---|---|\n${rows.join('\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
