import type { World } from '../model.ts'

export interface WorldAnswers {
  readonly issuer: string
  readonly clientId: string
  readonly api: string
  readonly scope: string
}

export type WorldFaults = { readonly [Name in keyof WorldAnswers]?: string }

const TEXTS = [
  'api',
  'stepUp',
  'scope',
  'clientId',
  'deviceClientId',
  'firstPartyClientId',
  'mcp',
  'trace',
  'backend',
  'bff',
  'username',
] as const satisfies readonly (keyof World)[]

/** Of `explorer.json`. @returns undefined when it is none: a static host may answer any path with its front page */
export function worldFromJson(json: unknown, redirectUri: string): World | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const members = new Map(Object.entries(json))
  const issuer = members.get('issuer')
  if (typeof issuer !== 'string' || issuerFault(issuer) !== undefined) return undefined
  const own = members.get('redirectUri')
  const texts = TEXTS.flatMap((name) => {
    const value: unknown = members.get(name)
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : []
  })
  return { ...Object.fromEntries(texts), issuer, redirectUri: typeof own === 'string' ? own : redirectUri }
}

/** From the address of the page: `?issuer=…&client_id=…&api=…&scope=…`. */
export function answersFromQuery(search: string): WorldAnswers | undefined {
  const query = new URLSearchParams(search)
  const read = (name: string): string => query.get(name)?.trim() ?? ''
  return query.has('issuer') ? { issuer: read('issuer'), clientId: read('client_id'), api: read('api'), scope: read('scope') } : undefined
}

export function queryOf({ issuer, clientId, api, scope }: WorldAnswers): string {
  const pairs = [
    ['issuer', issuer],
    ['client_id', clientId],
    ['api', api],
    ['scope', scope],
  ].filter(([, value]) => value !== '')
  return `?${new URLSearchParams(pairs).toString()}`
}

export function checkAnswers(answers: WorldAnswers): WorldFaults {
  const issuer = issuerFault(answers.issuer)
  const api = answers.api === '' ? undefined : apiFault(answers.api)
  const clientId = /[^\x20-\x7e]/.test(answers.clientId) ? 'A client id has printable ASCII characters only.' : undefined
  const scope = /[^\x20\x21\x23-\x5b\x5d-\x7e]/.test(answers.scope)
    ? 'A scope is words with spaces between them, without quotes.'
    : undefined
  return {
    ...(issuer !== undefined && { issuer }),
    ...(api !== undefined && { api }),
    ...(clientId !== undefined && { clientId }),
    ...(scope !== undefined && { scope }),
  }
}

export function worldFromAnswers({ issuer, clientId, api, scope }: WorldAnswers, redirectUri: string): World {
  return {
    issuer,
    redirectUri,
    ...(clientId !== '' && { clientId }),
    ...(api !== '' && { api }),
    ...(scope !== '' && { scope }),
  }
}

/** RFC 8414 §2: an https URL without query and fragment; plain http for a server on this machine. */
function issuerFault(issuer: string): string | undefined {
  if (issuer === '') return 'Enter the address of your issuer, such as https://login.example.com.'
  if (!URL.canParse(issuer)) return 'This is no full address. It begins with https://.'
  const { search, hash } = new URL(issuer)
  if (search !== '' || hash !== '' || /[?#]/.test(issuer)) return 'An issuer has no ? and no # in it (RFC 8414 §2).'
  return safe(issuer) ? undefined : 'An issuer is an https address. Plain http is for localhost only.'
}

function apiFault(api: string): string | undefined {
  if (!URL.canParse(api)) return 'The API is a full address, such as https://api.example.com/notes.'
  if (api.includes('#')) return 'The address of an API has no # in it (RFC 8707 §2).'
  return safe(api) ? undefined : 'The API is an https address. Plain http is for localhost only.'
}

function safe(url: string): boolean {
  const { protocol, hostname, username, password } = new URL(url)
  const local = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && local))
}

/** Why flows cannot run against this issuer, told before the first of them is tried; undefined: they can. */
export async function issuerProblem(issuer: string, fetch: typeof globalThis.fetch): Promise<string | undefined> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
  let heard = false
  for (const place of places) {
    const response = await fetch(place, { credentials: 'omit', headers: { accept: 'application/json' } }).catch(() => undefined)
    if (response === undefined) continue
    heard = true
    const metadata: unknown = response.ok ? await response.json().catch(() => undefined) : undefined
    if (typeof metadata !== 'object' || metadata === null || !('issuer' in metadata)) continue
    return metadata.issuer === issuer
      ? undefined
      : `The server at ${origin} calls itself ${String(metadata.issuer)}, not ${issuer}. Enter the issuer exactly as it names itself.`
  }
  if (heard)
    return `There is a server at ${origin}, but it has no metadata for the issuer ${issuer} (RFC 8414 §3). Look for a missing path or a letter too many.`
  // An answer that may not be read tells nothing but that somebody is there.
  const there = await fetch(places[0] ?? origin, { credentials: 'omit', mode: 'no-cors' }).catch(() => undefined)
  if (there === undefined)
    return `This page got no answer from ${origin}. Either it is not reachable from here, or this page may not ask it: a server in production lets its explorer ask nobody but itself.`
  return `There is a server at ${origin}, but this page cannot read the metadata of ${issuer} there. Either the issuer is called otherwise, or the server does not let other sites read (CORS). Open ${places[1] ?? origin} in a tab: if you see JSON there, CORS is what is missing.`
}
