import { limitOf, MAX_FORM_BYTES, MAX_PARAMETERS } from './limits.ts'
import { OAuthError } from './oauth-error.ts'
import { type HttpRequest, singleHeader } from './http.ts'

/** RFC 8707 §2 and RFC 8693 §2.1: the only parameters that may come more than once. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience'])

/** A byte order mark is a character of the first name, not something to skip: `grant_type` must be the same for every reader. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The parameters of a request (OAuth 2.1 §3.1, App. B), parsed in one pass: `+` is a space, bytes are UTF-8,
 * an empty value is no value (OA-03), names are case-sensitive. A repeated one is remembered and refused
 * when asked for; `fault` refuses the whole form for it.
 */
export class Form {
  readonly #values: Map<string, readonly string[]>
  /** The first thing wrong with the form as such: a repeated parameter (OA-41), or one over its limit. */
  readonly fault: OAuthError | undefined

  private constructor(values: Map<string, readonly string[]>, fault: OAuthError | undefined) {
    this.#values = values
    this.fault = fault
  }

  /** @returns the form, or `invalid_request` when the text cannot be decoded at all */
  static parse(text: string): Form | OAuthError {
    const values = new Map<string, string[]>()
    let fault: OAuthError | undefined
    let count = 0
    for (let start = 0; start < text.length;) {
      const and = text.indexOf('&', start)
      const end = and === -1 ? text.length : and
      if (end > start) {
        if (++count > MAX_PARAMETERS) return new OAuthError('invalid_request', `the request has more than ${MAX_PARAMETERS} parameters`)
        const equals = text.indexOf('=', start)
        const split = equals === -1 || equals > end ? end : equals
        const name = decode(text.slice(start, split))
        const value = decode(text.slice(split + 1, end))
        if (name === undefined || value === undefined)
          return new OAuthError('invalid_request', 'a parameter is not valid percent-encoded UTF-8 (OAuth 2.1 App. B)', { rule: 'OA-07' })
        if (value !== '') {
          const before = values.get(name)
          if (before === undefined) values.set(name, [value])
          else {
            before.push(value)
            if (!REPEATABLE.has(name))
              fault ??= new OAuthError('invalid_request', `${shown(name)} is sent more than once`, { rule: 'OA-41' })
          }
          if (value.length > limitOf(name))
            fault ??= new OAuthError('invalid_request', `${shown(name)} is longer than ${limitOf(name)} characters`)
        }
      }
      start = end + 1
    }
    return new Form(values, fault)
  }

  /** Reads the body of a POST. Another content type, a body over the limit or bytes that are not UTF-8 are refused (OA-39). */
  static async read(request: HttpRequest): Promise<Form | OAuthError> {
    const type = singleHeader(request, 'content-type')
    if (typeof type !== 'string' || !isForm(type))
      return new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded', { rule: 'OA-39' })
    const bytes = await request.body(MAX_FORM_BYTES)
    if (bytes === 'too_large') return new OAuthError('invalid_request', `the body is larger than ${MAX_FORM_BYTES} bytes`)
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      return new OAuthError('invalid_request', 'the body is not UTF-8 (OAuth 2.1 App. B)', { rule: 'OA-07' })
    }
    return Form.parse(text)
  }

  /** The value, `undefined` when absent or empty, or the refusal when it is repeated or too long. */
  one(name: string): string | OAuthError | undefined {
    const values = this.#values.get(name)
    if (values === undefined) return undefined
    if (values.length > 1) return new OAuthError('invalid_request', `${shown(name)} is sent more than once`, { rule: 'OA-41' })
    const value = values[0] as string
    if (value.length > limitOf(name)) return new OAuthError('invalid_request', `${shown(name)} is longer than ${limitOf(name)} characters`)
    return value
  }

  /** The value, or `invalid_request` that names it when it is absent. */
  need(name: string): string | OAuthError {
    return this.one(name) ?? new OAuthError('invalid_request', `${name} is missing`)
  }

  /** Every value of a parameter that may repeat. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** This form over another one: what it does not have counts there, except the parameters that are named. */
  over(beneath: Form, except: readonly string[]): Form {
    const below = [...beneath.#values].filter(([name]) => !except.includes(name))
    return new Form(new Map([...below, ...this.#values]), this.fault ?? beneath.fault)
  }

  /** The same form with one parameter more, or in place of what it has. */
  with(name: string, value: string): Form {
    return new Form(new Map(this.#values).set(name, [value]), this.fault)
  }

  names(): readonly string[] {
    return [...this.#values.keys()]
  }
}

function isForm(contentType: string): boolean {
  const semicolon = contentType.indexOf(';')
  return (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

function decode(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** A name comes from outside: it is echoed shortened, and only where it reads as a name. */
function shown(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'a parameter'
}
