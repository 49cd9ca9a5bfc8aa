import { type Fault, pathOf } from './fault.ts'
import { isRecord } from './shape.ts'

/** They match unknown names, load from elsewhere, or change what a validator answers. */
const REFUSED: Readonly<Record<string, string>> = {
  patternProperties: 'lets in members that the schema does not name (RFC 9396 §5): name them under properties',
  $dynamicRef: 'is not supported: use $ref to a part of this schema',
  $id: 'is not supported: the schema stands alone',
  $schema: 'is not needed: it is JSON Schema 2020-12',
  $async: 'is not supported',
}
/** They apply to the very same value, so the schema around them is the one that must be closed. */
const IN_PLACE: readonly string[] = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'not', 'dependentSchemas']
/** One of these says what a value is. */
const SAYS_WHAT: readonly string[] = ['type', 'const', 'enum', '$ref', 'allOf', 'anyOf', 'oneOf']
/** A pattern is the operator's, the text it meets is a stranger's: a bad pair takes ages on long text. */
const PATTERN_TEXT = 256

/**
 * RFC 9396 §5: unknown fields are fatal, at every level. A schema that leaves one open is refused at the start, so
 * that nobody believes it checks what it lets through.
 */
export function schemaFaults(schema: Readonly<Record<string, unknown>>, path: string): readonly Fault[] {
  const faults: Fault[] = []
  const tell = (at: string, message: string): void => void faults.push({ path: at, message })
  if (schema['type'] !== undefined && schema['type'] !== 'object') tell(pathOf(path, 'type'), 'must be object')
  if (!isRecord(schema['properties'])) tell(pathOf(path, 'properties'), 'is missing; it must be an object of members and their schemas')
  else if ('type' in schema['properties'])
    tell(pathOf(path, 'properties', 'type'), 'must be left out: the type of the objects is checked by the server')
  if (schema['additionalProperties'] !== false && schema['unevaluatedProperties'] !== false)
    tell(path, 'must have additionalProperties: false (RFC 9396 §5: unknown fields are refused)')
  walk(schema, path, true, tell)
  return faults
}

type TellFault = (at: string, message: string) => void

/** @param closed whether what is around already closes this value */
function walk(schema: unknown, path: string, closed: boolean, tell: TellFault): void {
  if (typeof schema === 'boolean') {
    if (schema && !closed) tell(path, 'must say what the value is, such as type: string')
    return
  }
  if (!isRecord(schema)) return tell(path, 'must be a JSON Schema')
  for (const [keyword, why] of Object.entries(REFUSED)) if (keyword in schema) tell(pathOf(path, keyword), why)
  const { $ref: reference, maxLength } = schema
  if (reference !== undefined && (typeof reference !== 'string' || !/^#(?:\/\$defs\/[^/]+)?$/.test(reference)))
    tell(pathOf(path, '$ref'), 'must be #/$defs/ and a name, or # for the whole: nothing is fetched')
  if ('pattern' in schema && !(typeof maxLength === 'number' && maxLength <= PATTERN_TEXT))
    tell(path, `has a pattern, so it must have a maxLength of at most ${PATTERN_TEXT}`)
  if (!closed) openFaults(schema, path, tell)

  for (const keyword of ['properties', '$defs'])
    if (isRecord(schema[keyword]))
      for (const [name, member] of Object.entries(schema[keyword])) walk(member, pathOf(path, keyword, name), false, tell)
  for (const keyword of ['additionalProperties', 'unevaluatedProperties', 'items', 'contains', 'propertyNames'])
    if (isRecord(schema[keyword])) walk(schema[keyword], pathOf(path, keyword), keyword === 'propertyNames', tell)
  if (Array.isArray(schema['prefixItems']))
    for (const [index, item] of schema['prefixItems'].entries()) walk(item, pathOf(path, 'prefixItems', index), false, tell)
  for (const keyword of IN_PLACE) {
    const branches = schema[keyword]
    for (const branch of Array.isArray(branches) ? branches : keyword === 'dependentSchemas' ? Object.values(branches ?? {}) : [branches])
      if (branch !== undefined) walk(branch, pathOf(path, keyword), closed || isClosed(schema), tell)
  }
}

function openFaults(schema: Readonly<Record<string, unknown>>, path: string, tell: TellFault): void {
  if (!SAYS_WHAT.some((keyword) => keyword in schema)) tell(path, 'must say what the value is, such as type: string')
  const types: readonly unknown[] = Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
  if ((types.includes('object') || 'properties' in schema) && !isClosed(schema))
    tell(path, 'must have additionalProperties: false (RFC 9396 §5: unknown fields are refused)')
  if (types.includes('array') && !isRecord(schema['items']) && schema['items'] !== false)
    tell(path, 'must have items, which say what the elements are')
}

/** False, or a schema for every further member: then the operator said what they are. */
function isClosed(schema: Readonly<Record<string, unknown>>): boolean {
  return ['additionalProperties', 'unevaluatedProperties'].some((keyword) => schema[keyword] === false || isRecord(schema[keyword]))
}
