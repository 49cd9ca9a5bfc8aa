import type { HttpRequest, Reply } from '@holdfast/protocol/http'

/** What a trace has in the place of a value that might be a secret. */
export const HIDDEN = 'hidden'

/** Parameters and members whose values are shown. Everything else is hidden: a new parameter is a secret until it stands here. */
const PARAMETERS: ReadonlySet<string> = new Set(
  `client_id response_type response_mode scope iss
   code_challenge code_challenge_method dpop_jkt prompt max_age acr_values ui_locales display
   grant_type client_assertion_type subject_token_type actor_token_type requested_token_type issued_token_type
   token_type token_type_hint expires_in interval error error_description
   active acr auth_time rule`.split(/\s+/),
)
/** Those that are addresses: a secret may stand in their query. */
const ADDRESSES: ReadonlySet<string> = new Set(
  'redirect_uri post_logout_redirect_uri resource audience error_uri verification_uri login_url'.split(' '),
)
/** Those that are JSON in a text: what is in them is shown by the same list. */
const JSON_TEXTS: ReadonlySet<string> = new Set(['claims', 'authorization_details'])
/** What people call parameters. Who sends a token without a name has it in the place of the name, and it does not look like this. */
const NAME = /^[a-z](?:[a-z_.-]{0,71}|[A-Za-z]{0,18})$/
const HEADERS: ReadonlySet<string> = new Set(
  `host accept accept-language content-type content-length origin user-agent cache-control allow vary x-holdfast-csrf
   sec-fetch-site sec-fetch-mode sec-fetch-dest sec-fetch-user
   content-security-policy referrer-policy x-content-type-options www-authenticate retry-after strict-transport-security
   access-control-allow-origin access-control-expose-headers access-control-allow-methods access-control-allow-headers`.split(/\s+/),
)
const ASKED = `host user-agent accept accept-language content-type content-length origin referer authorization dpop cookie x-holdfast-csrf
   oauth-client-attestation oauth-client-attestation-pop sec-fetch-site sec-fetch-mode sec-fetch-dest`.split(/\s+/) as Lowercase<string>[]

export type Lines = readonly (readonly [name: string, value: string])[]

/** The headers of a request that mean something here, in a fixed order: a mount gives them by name, not as a list. */
export function shownRequestHeaders(request: HttpRequest): Lines {
  return ASKED.flatMap((name) => request.headers(name).map((value) => [name, shownHeader(name, value)] as const))
}

export function shownReplyHeaders(headers: Reply['headers']): Lines {
  return Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => [name, shownHeader(name.toLowerCase(), one)] as const),
  )
}

function shownHeader(name: string, value: string): string {
  if (HEADERS.has(name)) return value
  if (name === 'location') return shownUrl(value)
  if (name === 'set-cookie') return value.replace(/^[^;]*/, shownCookie)
  if (name === 'cookie') return value.split(';').map(shownCookie).join('; ')
  if (name === 'authorization') return `${/^(?:Basic|Bearer|DPoP)(?= )/.exec(value)?.[0] ?? ''} ${HIDDEN}`.trim()
  return HIDDEN
}

/** RFC 6265bis §5.5: what has no `=` is a value without a name. */
function shownCookie(pair: string): string {
  const [name = '', ...value] = pair.trim().split('=')
  return value.length === 0 ? HIDDEN : `${name}=${HIDDEN}`
}

/** An address with its parameters hidden, in the query and in the fragment. */
export function shownUrl(text: string): string {
  const mark = text.search(/[?#]/)
  const path = shownPath(mark === -1 ? text : text.slice(0, mark))
  if (mark === -1) return path
  const hash = text.indexOf('#')
  const query = text[mark] === '?' ? text.slice(mark + 1, hash === -1 ? undefined : hash) : undefined
  const fragment = hash === -1 ? undefined : text.slice(hash + 1)
  return path + (query === undefined ? '' : `?${shownForm(query)}`) + (fragment === undefined ? '' : `#${shownForm(fragment)}`)
}

/** Scheme and host are shown but for who signs in there. Of the path words are, and what is short: handles of interactions and tokens are neither. */
function shownPath(address: string): string {
  const [, origin = '', path = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/]*)?(.*)$/is.exec(address) ?? []
  const parts = path.split('/').map((part) => (/^[a-z._-]{0,64}$/.test(part) || /^[\w.:~-]{1,19}$/.test(part) ? part : HIDDEN))
  return origin.replace(/\/\/.*@/, `//${HIDDEN}@`) + parts.join('/')
}

/** Parameters by name. Text that is no list of parameters has none that may be shown. */
export function shownForm(text: string): string {
  if (text === '') return ''
  return [...new URLSearchParams(text)]
    .map(([name, value]) => `${shownName(name)}=${encodeURIComponent(shownValue(name, value))}`)
    .join('&')
}

export function shownBody(text: string, contentType: string | undefined): string {
  if (text === '') return ''
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true) return shownForm(text)
  if (contentType?.includes('json') === true) return shownJson(text) ?? `(${text.length} characters that are no JSON)`
  return `(${text.length} characters of ${contentType?.split(';')[0] ?? 'no type'})`
}

/** @returns undefined when it is none */
function shownJson(text: string): string | undefined {
  try {
    return JSON.stringify(shownMembers(JSON.parse(text)))
  } catch {
    return undefined
  }
}

function shownMembers(value: unknown): unknown {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(shownMembers)
  if (typeof value !== 'object') return HIDDEN
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => {
      if (typeof one === 'object') return [shownName(name), shownMembers(one)]
      if (typeof one === 'string') return [shownName(name), shownValue(name, one)]
      return [shownName(name), PARAMETERS.has(name) ? one : HIDDEN]
    }),
  )
}

function shownValue(name: string, value: string): string {
  if (PARAMETERS.has(name)) return value
  if (ADDRESSES.has(name)) return shownUrl(value)
  return JSON_TEXTS.has(name) ? (shownJson(value) ?? HIDDEN) : HIDDEN
}

function shownName(name: string): string {
  return NAME.test(name) ? name : HIDDEN
}
