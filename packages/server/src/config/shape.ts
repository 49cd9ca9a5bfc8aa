import * as z from 'zod'
import { type Fault, pathOf, unknownName } from './fault.ts'

/** The part of a JSON Schema that a fault is explained by. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  /** Completes "it must be …" where the rest of the schema would not say it in words. */
  readonly allowed?: string
  /** A value that is never shown: printed masked, and readable from `env:NAME` and `file:PATH`. */
  readonly secret?: boolean
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly items?: SchemaNode
}

/** The schemas of an object's members, each with the type that the interface says. */
export type ShapeOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> }

/** What of a value has the right shape. */
export interface Shaped<T> {
  /** The members that are right; all of them when there is no fault. */
  readonly value: Partial<T>
  readonly faults: readonly Fault[]
  /** Names of members that are wrong: rules that look at one of them are not asked. */
  readonly faulty: ReadonlySet<string>
}

/** Checks types, ranges and names of members. Every fault is found, each says what is allowed. */
export function readShape<T extends object>(schema: z.ZodType<T>, value: unknown, path: string): Shaped<T> {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data, faults: [], faulty: new Set() }
  const root = schemaNode(schema)
  const faults = result.error.issues.flatMap((issue) => explain(issue, root, value, path))
  const faulty = new Set(
    result.error.issues.flatMap((issue) =>
      issue.path.length > 0 ? [String(issue.path[0])] : issue.code === 'unrecognized_keys' ? issue.keys : [],
    ),
  )
  return {
    value: isRecord(value) ? (Object.fromEntries(Object.entries(value).filter(([name]) => !faulty.has(name))) as Partial<T>) : {},
    faults,
    faulty,
  }
}

/** The JSON Schema of what may be written, before defaults are filled in. */
export function schemaNode(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function explain(issue: z.core.$ZodIssue, root: SchemaNode, value: unknown, path: string): readonly Fault[] {
  const node = issue.path.reduce<SchemaNode | undefined>(
    (at, member) => (typeof member === 'number' ? at?.items : at?.properties?.[String(member)]),
    root,
  )
  const at = pathOf(path, ...issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathOf(at, key), message: unknownName(key, Object.keys(node?.properties ?? {})) }))
  const given = issue.path.reduce<unknown>(
    (held, member) => (typeof held === 'object' && held !== null ? (held as Record<PropertyKey, unknown>)[member] : undefined),
    value,
  )
  const wanted = issue.code === 'custom' ? issue.message : `must be ${allowedBy(node)}`
  return [{ path: at, message: given === undefined ? `is missing; it ${wanted}` : wanted }]
}

/** Completes "must be …". */
export function allowedBy(node: SchemaNode | undefined): string {
  if (node?.allowed !== undefined) return node.allowed
  if (node?.enum !== undefined) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(', ')}`
  switch (node?.type) {
    case 'integer':
      return `a whole number${node.minimum !== undefined && node.maximum !== undefined ? ` from ${node.minimum} to ${node.maximum}` : ''}`
    case 'string':
      return node.maxLength === undefined ? 'text' : `text of ${node.minLength ?? 0} to ${node.maxLength} characters`
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list'
    case 'object':
      return 'an object'
    default:
      return 'another value'
  }
}
