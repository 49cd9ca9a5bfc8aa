import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import * as z from 'zod'
import { schemaFaults } from './closed-schema.ts'
import { compileSchema } from './compile-schema.ts'
import { type DetailWords, wordsOf } from './detail-words.ts'
import { type Fault, pathOf, type Read, readOf } from './fault.ts'
import { isRecord, readShape } from './shape.ts'

/** A type of `authorization_details` (RFC 9396 §2) as an operator's configuration writes it. */
export interface AuthorizationDetailsTypeMetadata {
  readonly type: string
  /** JSON Schema 2020-12 of the object. The member `type` belongs to the server and need not be in it. */
  readonly schema: Readonly<Record<string, unknown>>
  /** The sentence that people read at consent; `{member}` and `{member.member}` stand for values of the object. */
  readonly title: string
  /** Member, or path of one with dots → what people read before its value. In this order. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly once?: boolean | undefined
}

/** What an application that embeds the server may add: functions. They are pure, and a fault they throw is a fault of the server. */
export interface AuthorizationDetailsType extends AuthorizationDetailsTypeMetadata {
  /**
   * The words for people, in place of `title` and `labels`. Everything in it is shown as text, with control and
   * direction characters made visible; all members stand below in any case.
   */
  readonly describe?: (detail: AuthorizationDetail) => {
    readonly title: string
    readonly lines: readonly { readonly label: string; readonly value: string }[]
  }
  /**
   * Whether `requested` is within `granted` (RFC 9396 §6), both of this type. It must hold for an object and itself.
   * Default: every member is equal; `actions`, `locations`, `datatypes` and `privileges` may be a subset.
   */
  readonly isSubset?: (requested: AuthorizationDetail, granted: AuthorizationDetail) => boolean
  /** What is granted, when it says more than what was asked (RFC 9396 §7.1); of the same type. */
  readonly enrich?: (detail: AuthorizationDetail, who: { readonly subject: string; readonly clientId: string }) => AuthorizationDetail
}

/** A type ready for requests. */
export interface CompiledDetailsType {
  readonly type: string
  /** Whether a person is asked every time, also for what was allowed before. */
  readonly once: boolean
  /** What of an object of this type its schema refuses, in words; undefined: nothing. */
  fault(detail: AuthorizationDetail): string | undefined
  words(detail: AuthorizationDetail): DetailWords
  readonly isSubset: AuthorizationDetailsType['isSubset']
  readonly enrich: AuthorizationDetailsType['enrich']
}

export const authorizationDetailsTypeMetadata: z.ZodType<AuthorizationDetailsTypeMetadata> = z.strictObject({
  type: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/)
    .meta({
      description: 'The `type` of the objects (RFC 9396 §2.1), and what `authorization_details_types` of a client names.',
      allowed: 'printable ASCII of at most 256 characters without spaces, " and \\',
    }),
  schema: z.record(z.string(), z.unknown()).meta({
    description:
      'JSON Schema 2020-12 of the object, without its `type`. Closed at every level (`additionalProperties: false`): what it does not name is refused (RFC 9396 §5). `$ref` to itself only.',
    allowed: 'a JSON Schema of type object with properties',
  }),
  title: z.string().min(1).max(200).meta({
    description: 'What people read at consent, such as `Pay {amount.value} {amount.currency} to {creditor}`.',
    allowed: 'text of 1 to 200 characters; {member} stands for a value',
  }),
  labels: z
    .record(z.string(), z.string().min(1).max(60))
    .meta({
      description: 'Members that people see below the title, with their names in words. All members can be opened in any case.',
      allowed: 'an object of member and text of at most 60 characters',
    })
    .optional(),
  once: z
    .boolean()
    .meta({
      description:
        'Asks the person every time. With false an object that is equal to one that was allowed before is not asked again: for lasting access, never for payments.',
      default: true,
    })
    .optional(),
})

/** Reads the types that an operator wrote and compiles each, so that every fault of every type is found at the start. */
export function readAuthorizationDetailsTypes(
  list: unknown,
  path = 'authorizationDetailsTypes',
): Read<readonly AuthorizationDetailsTypeMetadata[]> {
  if (!Array.isArray(list)) return readOf([], [{ path, message: 'must be a list of types of authorization_details' }])
  const types: AuthorizationDetailsTypeMetadata[] = []
  const faults = list.flatMap((written, index) => {
    const at = pathOf(path, index)
    const shaped = readShape(authorizationDetailsTypeMetadata, written, at)
    if (shaped.faults.length > 0) return shaped.faults
    const type = shaped.value as AuthorizationDetailsTypeMetadata
    types.push(type)
    return [...typeFaults(type, at), ...sameFaults(type, index, list, path)]
  })
  return readOf(types, faults)
}

/** @throws with every fault, when a type cannot be used: better no start than a type that lets unknown fields in */
export function compileDetailsTypes(types: readonly AuthorizationDetailsType[]): readonly CompiledDetailsType[] {
  const path = 'authorizationDetailsTypes'
  const declared = types.map(({ describe: _d, isSubset: _s, enrich: _e, ...metadata }) => metadata)
  const { faults } = readAuthorizationDetailsTypes(declared, path)
  if (faults.length > 0) throw new Error(faults.map((fault) => `${fault.path} ${fault.message}`).join('; '))
  return types.map((type) => {
    const compiled = compileSchema(type.type, type.schema)
    if ('fault' in compiled) throw new Error(`${path}: ${compiled.fault}`)
    return {
      type: type.type,
      once: type.once ?? true,
      fault: compiled.check,
      words: wordsOf(type.title, type.labels ?? {}, type.describe),
      isSubset: type.isSubset,
      enrich: type.enrich,
    }
  })
}

function typeFaults({ type, schema, title, labels }: AuthorizationDetailsTypeMetadata, at: string): readonly Fault[] {
  const open = schemaFaults(schema, pathOf(at, 'schema'))
  if (open.length > 0) return open
  const compiled = compileSchema(type, schema)
  if ('fault' in compiled) return [{ path: pathOf(at, 'schema'), message: compiled.fault }]
  const members = Object.keys(schema['properties'] as object)
  const unknown = (name: string): boolean => !['type', ...members].includes(name.split('.')[0] as string)
  const message = (name: string): string => `names ${name}, which is no member of the schema; there are ${members.join(', ')}`
  const holes = [...title.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name as string)
  return [
    ...holes.filter(unknown).map((name) => ({ path: pathOf(at, 'title'), message: message(name) })),
    ...Object.keys(labels ?? {})
      .filter(unknown)
      .map((name) => ({ path: pathOf(at, 'labels'), message: message(name) })),
  ]
}

function sameFaults({ type }: AuthorizationDetailsTypeMetadata, index: number, list: readonly unknown[], path: string): readonly Fault[] {
  const first = list.findIndex((one) => isRecord(one) && one['type'] === type)
  return first === index ? [] : [{ path: pathOf(path, index, 'type'), message: `is the same as that of ${pathOf(path, first)}` }]
}
