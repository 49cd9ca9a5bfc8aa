import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js'

/** Loaded when there is a type to compile: a server without any does not wait for it, nor keep it in memory. */
const load = createRequire(import.meta.url)

/** The plain function that a schema becomes, or what is wrong with the schema. */
export type CompiledSchema = { readonly check: (detail: AuthorizationDetail) => string | undefined } | { readonly fault: string }

/** Each is linear in the length of the text. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
    isDate(text.slice(0, 10)) &&
    !Number.isNaN(Date.parse(text)),
  uri: (text) => /^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(text) && URL.canParse(text),
  uuid: (text) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
}

/**
 * Compiles the schema of a type, once, at the start; the library stays here. The member `type` is added: it is the
 * server's and the same for all. Strict: a keyword or format that would be ignored is a fault. Values are never
 * changed, and nothing is fetched.
 */
export function compileSchema(type: string, schema: Readonly<Record<string, unknown>>): CompiledSchema {
  const { Ajv2020: Compiler } = load('ajv/dist/2020.js') as {
    readonly Ajv2020: new (...options: ConstructorParameters<typeof Ajv2020>) => Ajv2020
  }
  const ajv = new Compiler({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    ownProperties: true,
    logger: false,
    formats: FORMATS,
  })
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []
  try {
    const validate = ajv.compile({
      ...schema,
      type: 'object',
      properties: { ...(schema['properties'] as object), type: { const: type } },
      required: ['type', ...required],
    })
    const members = Object.keys(schema['properties'] as object)
    return { check: (detail) => (validate(detail) ? undefined : wordsOf(validate.errors?.[0], members)) }
  } catch (error) {
    return { fault: `is not a JSON Schema that can be used: ${error instanceof Error ? error.message.slice(0, 300) : 'unknown'}` }
  }
}

/** Where, what and what is allowed. Values that were sent are not repeated. */
function wordsOf(error: ErrorObject | undefined, members: readonly string[]): string {
  if (error === undefined) return 'is not as its schema says'
  const { instancePath, keyword, params, message = 'is not as its schema says' } = error
  const at = instancePath === '' ? '' : `${instancePath.slice(1).replaceAll('/', '.').slice(0, 128)} `
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']).slice(0, 64)
    return `${at}has the unknown member ${name}${at === '' ? `; allowed are ${members.join(', ')}` : ''}`
  }
  if (keyword === 'enum') return `${at}must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`
  if (keyword === 'const') return `${at}must be ${JSON.stringify(params['allowedValue'])}`
  if (keyword === 'required') return `${at}lacks the member ${String(params['missingProperty'])}`
  return `${at}${message}`
}

/** RFC 3339 §5.6, with a day that there is. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
