import { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { invalidRequestObject } from './request-object-refusal.ts'

/** Claims of the JWT itself (RFC 7519 §4.1): no parameters. */
const OF_THE_JWT: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])
/** Parameters that are JSON, and stand in a request object as such (JAR-10). */
const JSON_PARAMETERS: ReadonlySet<string> = new Set(['claims', 'authorization_details'])
/** How deep the JSON of a parameter may go: none that anybody uses comes near, and what reads it later may recurse. */
const DEEPEST = 16

/**
 * The claims as a form: limits and rules are then the same for signed and plain requests. A value that is none
 * of the expected kinds is refused, not left out: a request that means less than its client signed is another one.
 */
export function requestObjectForm(claims: Readonly<Record<string, unknown>>): Form | OAuthError {
  const pairs: (readonly [string, string])[] = []
  for (const [name, value] of Object.entries(claims)) {
    if (OF_THE_JWT.has(name)) continue
    const values = JSON_PARAMETERS.has(name)
      ? jsonText(value)
      : name === 'resource' && Array.isArray(value)
        ? value.map(text)
        : [text(value)]
    for (const one of values) {
      if (one === undefined) return invalidRequestObject(`${shown(name)} of the request object is not of its kind (RFC 9101 §4)`, 'JAR-10')
      pairs.push([name, one])
    }
  }
  const form = Form.parse(new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString())
  return form instanceof OAuthError ? invalidRequestObject(form.description, 'JAR-10') : form
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A JSON value as the text that a plain request would carry; a string would be JSON in JSON (JAR-10). */
function jsonText(value: unknown): readonly (string | undefined)[] {
  return typeof value === 'object' && value !== null && !isDeeperThan(value, DEEPEST) ? [JSON.stringify(value)] : [undefined]
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1))
}

function shown(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'a claim'
}
