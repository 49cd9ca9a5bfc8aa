import type { Message, ReceivedResponse, SentRequest } from '../model.ts'
import type { Place } from './ports.ts'

/** One named thing of a message: a row of the detail. */
export interface Field {
  readonly place: Place
  readonly name: string
  readonly value: string
  /** The JWT that the value is or carries. */
  readonly jwt: string | undefined
}

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly fields: readonly Field[] }
  | { readonly kind: 'json'; readonly fields: readonly Field[]; readonly pretty: string }
  | { readonly kind: 'text'; readonly text: string; readonly jwt: string | undefined }

// Three parts make a signed one, five an encrypted one; the first is always the base64url of `{"`.
const JWT = /eyJ[\w-]+(?:\.[\w-]*){2,4}/

export function jwtIn(value: string): string | undefined {
  return JWT.exec(value)?.[0]
}

const field = (place: Place, name: string, value: string): Field => ({ place, name, value, jwt: jwtIn(value) })

export function headerFields(side: 'request' | 'response', message: Message): readonly Field[] {
  return message.headers.map(([name, value]) => field(`${side} header`, name, value))
}

export function queryFields(url: string): readonly Field[] {
  if (!URL.canParse(url)) return []
  return [...new URL(url).searchParams].map(([name, value]) => field('query', name, value))
}

/** The answer of an authorization endpoint travels in the redirect: its parameters, from query and fragment. */
export function redirectFields(response: ReceivedResponse): readonly Field[] {
  const location = headerOf(response, 'location')
  if (location === undefined || !URL.canParse(location)) return []
  const { searchParams, hash } = new URL(location)
  return [...searchParams, ...new URLSearchParams(hash.slice(1))].map(([name, value]) => field('query', name, value))
}

export function bodyOf(side: 'request' | 'response', message: SentRequest | ReceivedResponse): Body {
  if (message.body === '') return { kind: 'none' }
  const type = (headerOf(message, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/x-www-form-urlencoded')
    return { kind: 'form', fields: [...new URLSearchParams(message.body)].map(([name, value]) => field('form', name, value)) }
  const json = /^\s*[[{]/.test(message.body) ? parsed(message.body) : undefined
  if (json === undefined) return { kind: 'text', text: message.body, jwt: jwtIn(message.body) }
  const members = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : []
  return { kind: 'json', fields: members.map(([name, value]) => field(`${side} json`, name, shown(value))), pretty: shown(json) }
}

/** A JSON value as a person reads it: a string bare, the rest indented. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value
  const flat = JSON.stringify(value) ?? ''
  return flat.length <= 60 ? flat.replaceAll(/([,:])(?=["{[\d])/g, '$1 ') : JSON.stringify(value, null, 2)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function headerOf(message: Message, name: string): string | undefined {
  return message.headers.find(([one]) => one.toLowerCase() === name)?.[1]
}

export interface Segment {
  readonly text: string
  readonly same: boolean
}

/** Cuts out what is equal to one of the values, so that the eye finds the same key in every place. */
export function segments(text: string, values: readonly string[]): readonly Segment[] {
  const value = values.find((one) => one !== '' && text.includes(one))
  if (value === undefined) return text === '' ? [] : [{ text, same: false }]
  const at = text.indexOf(value)
  return [...segments(text.slice(0, at), values), { text: value, same: true }, ...segments(text.slice(at + value.length), values)]
}
