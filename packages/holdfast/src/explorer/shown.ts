import type { HttpRequest, Reply } from '@holdfast/protocol/http'

/** What a trace has in the place of a value that might be a secret. */
export const HIDDEN = 'hidden'

/** Parameters, members and headers whose values are shown. Everything else is hidden: a new parameter is a secret until it stands here. */
const PARAMETERS: ReadonlySet<string> = new Set(
  `client_id redirect_uri post_logout_redirect_uri response_type response_mode scope resource audience iss
   code_challenge code_challenge_method dpop_jkt prompt max_age acr_values ui_locales display claims
   grant_type client_assertion_type subject_token_type actor_token_type requested_token_type issued_token_type
   token_type token_type_hint expires_in interval error error_description error_uri authorization_details
   active verification_uri acr auth_time rule login_url`.split(/\s+/),
)
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
  if (name === 'set-cookie') return value.replace(/=[^;]*/, `=${HIDDEN}`)
  if (name === 'cookie') return value.replace(/=[^;]*/g, `=${HIDDEN}`)
  if (name === 'authorization') return `${/^(?:Basic|Bearer|DPoP)(?= )/.exec(value)?.[0] ?? ''} ${HIDDEN}`.trim()
  return HIDDEN
}

/** The path of a request, without the handles of interactions in it: no secrets without their cookie, and hidden all the same. */
export function shownPath(path: string): string {
  return path.replace(/(?<=\/)[A-Za-z0-9_-]{40,}(?=\/|$)/g, HIDDEN)
}

/** An address with its parameters hidden, in the query and in the fragment. Anything else is hidden as a whole. */
export function shownUrl(text: string): string {
  const mark = text.search(/[?#]/)
  const address = mark === -1 ? text : text.slice(0, mark)
  // Paths of ours hold handles of interactions, which are no secrets without their cookie, and are hidden all the same.
  const path = address.replace(/(?<=\/)[A-Za-z0-9_-]{20,}(?=\/|$)/g, HIDDEN)
  if (mark === -1) return path
  const hash = text.indexOf('#')
  const query = text[mark] === '?' ? text.slice(mark + 1, hash === -1 ? undefined : hash) : undefined
  const fragment = hash === -1 ? undefined : text.slice(hash + 1)
  return path + (query === undefined ? '' : `?${shownForm(query)}`) + (fragment === undefined ? '' : `#${shownForm(fragment)}`)
}

/** Parameters by name. Text that is no list of parameters has none that may be shown. */
export function shownForm(text: string): string {
  if (text === '') return ''
  return [...new URLSearchParams(text)]
    .map(([name, value]) => `${encodeURIComponent(name.slice(0, 64))}=${shown(name) ? encodeURIComponent(value) : HIDDEN}`)
    .join('&')
}

export function shownBody(text: string, contentType: string | undefined): string {
  if (text === '') return ''
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true) return shownForm(text)
  if (contentType?.includes('json') === true) {
    try {
      return JSON.stringify(JSON.parse(text, (name, value: unknown) => (typeof value === 'object' || shown(name) ? value : HIDDEN)))
    } catch {
      return `(${text.length} characters that are no JSON)`
    }
  }
  return `(${text.length} characters of ${contentType?.split(';')[0] ?? 'no type'})`
}

function shown(name: string): boolean {
  return PARAMETERS.has(name)
}
