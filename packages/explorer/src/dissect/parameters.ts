import { isMembers, jsonObject, type Members } from '../encoding.ts'
import type { Exchange, Message } from '../model.ts'
import { looksLikeJwt, takeApart, type TakenApart } from './jwt.ts'

/** Where a value stands. `form` is a body of parameters, `json` a member of a JSON body. */
export type Place = 'header' | 'query' | 'fragment' | 'form' | 'json'

export interface Parameter {
  readonly of: 'request' | 'response'
  readonly place: Place
  readonly name: string
  readonly value: string
}

/** Everything that an exchange carries by name, in the order sent; the target of a redirect is read too. */
export function parametersIn({ request, response }: Exchange): readonly Parameter[] {
  const asked = messageParameters('request', request)
  return [...urlParameters('request', request.url), ...asked, ...(response === undefined ? [] : messageParameters('response', response))]
}

/** The value of a parameter of the request, wherever it stands. */
export function requestParameter(exchange: Exchange, name: string): string | undefined {
  return parametersIn(exchange).find((one) => one.of === 'request' && one.place !== 'header' && one.name === name)?.value
}

export function headerOf(message: Message | undefined, name: string): string | undefined {
  return message?.headers.find(([one]) => one.toLowerCase() === name)?.[1]
}

/** The JSON object that a message carries. */
export function bodyOf(message: Message | undefined): Members | undefined {
  return message === undefined ? undefined : jsonObject(message.body)
}

/** A JWT, and where it was found. */
export interface FoundJwt extends Omit<Parameter, 'value'> {
  readonly jwt: TakenApart
}

/** Every JWT of an exchange, by the name it goes under: `DPoP`, `access_token`, `client_assertion`. */
export function jwtsIn(exchange: Exchange): readonly FoundJwt[] {
  return parametersIn(exchange).flatMap(({ value, ...where }) => {
    const text = where.name.toLowerCase() === 'authorization' ? value.replace(/^\S+ +/, '') : value
    return looksLikeJwt(text) ? [{ ...where, jwt: takeApart(text) }] : []
  })
}

function messageParameters(of: Parameter['of'], message: Message): readonly Parameter[] {
  const headers = message.headers.map(([name, value]): Parameter => ({ of, place: 'header', name, value }))
  const location = headerOf(message, 'location')
  return [...headers, ...(location === undefined ? [] : urlParameters(of, location)), ...bodyParameters(of, message)]
}

function bodyParameters(of: Parameter['of'], message: Message): readonly Parameter[] {
  const type = headerOf(message, 'content-type') ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return listed(of, 'form', new URLSearchParams(message.body))
  const members = bodyOf(message)
  if (members !== undefined)
    return Object.entries(members).map(([name, value]): Parameter => ({ of, place: 'json', name, value: written(value) }))
  // A body that is nothing but a JWT, as userinfo and introspection may answer.
  return looksLikeJwt(message.body) ? [{ of, place: 'json', name: 'jwt', value: message.body }] : []
}

function urlParameters(of: Parameter['of'], text: string): readonly Parameter[] {
  const url = URL.canParse(text, 'https://relative.invalid') ? new URL(text, 'https://relative.invalid') : undefined
  if (url === undefined) return []
  return [
    ...listed(of, 'query', url.searchParams),
    ...(url.hash.includes('=') ? listed(of, 'fragment', new URLSearchParams(url.hash.slice(1))) : []),
  ]
}

function listed(of: Parameter['of'], place: Place, parameters: URLSearchParams): readonly Parameter[] {
  return [...parameters].map(([name, value]) => ({ of, place, name, value }))
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : isMembers(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}
