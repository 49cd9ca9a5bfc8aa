import type { ApiRoute } from '../options.ts'
import { type Contents, isFresh, SIGN_IN } from '../sessions/contents.ts'
import type { Outcome } from '../sessions/sessions.ts'
import { Failure } from './failure.ts'
import type { ServerLink } from './server-link.ts'
import { exchange, refresh, type Wanted } from './tokens.ts'

/** Milliseconds for all requests of a renewal: less than another process waits before it takes the lock over. */
const DEADLINE = 6000

interface Renewal {
  readonly link: ServerLink
  readonly route: ApiRoute
  readonly deadline: AbortSignal
}

/** The identifier of an API (RFC 8707 §2). */
export function resourceOf({ resource, upstream }: ApiRoute): string {
  const { origin, pathname } = new URL(upstream)
  return resource ?? origin + pathname.replace(/\/$/, '')
}

/** Where a session keeps the token of an API. Each API has its own (BFF-45), except where that of sign-in is for it alone. */
export function placeOf(route: ApiRoute, contents: Contents): string {
  const { resource, scope } = wantedBy(route)
  if (route.by === 'token-exchange') return `exchanged ${resource} ${scope ?? ''}`
  return resource === contents.resource && scope === undefined ? SIGN_IN : `resource ${resource} ${scope ?? ''}`
}

/** The same session with a fresh token for an API, or why there is none, and what the session is to keep all the same. */
export async function withTokenFor(link: ServerLink, contents: Contents, route: ApiRoute): Promise<Outcome> {
  const renewal: Renewal = { link, route, deadline: AbortSignal.timeout(DEADLINE) }
  if (route.by === 'token-exchange') return withExchangedToken(renewal, contents)
  const place = placeOf(route, contents)
  return withRefreshed(renewal, contents, place, place === SIGN_IN ? { resource: contents.resource, scope: undefined } : wantedBy(route))
}

async function withExchangedToken(renewal: Renewal, contents: Contents): Promise<Outcome> {
  const signIn = (): Promise<Outcome> => withRefreshed(renewal, contents, SIGN_IN, { resource: contents.resource, scope: undefined })
  const kept = isFresh(contents.tokens[SIGN_IN], renewal.link.settings.clock.now())
  const first = kept ? { contents, failure: undefined } : await signIn()
  if (first.failure !== undefined) return first
  const exchanged = await withExchanged(renewal, first.contents)
  // The server no longer takes a token that still looked good: it was revoked, or its key is gone. One more try with a new one.
  if (exchanged.failure === undefined || !kept || exchanged.failure.kind === 'away') return exchanged
  const second = await signIn()
  return second.failure === undefined ? withExchanged(renewal, second.contents) : second
}

async function withExchanged({ link, route, deadline }: Renewal, contents: Contents): Promise<Outcome> {
  const subject = contents.tokens[SIGN_IN]
  if (subject === undefined)
    return { contents, failure: new Failure('grant_ended', 'no_access_token', 'the session has no token to exchange') }
  const token = await exchange(link, contents, subject, wantedBy(route), deadline)
  if (!(token instanceof Failure))
    return { contents: { ...contents, tokens: { ...contents.tokens, [placeOf(route, contents)]: token } }, failure: undefined }
  // Only a refresh says that the grant has ended; an exchange says it of the token that was shown.
  return { contents, failure: token.kind === 'grant_ended' ? new Failure('refused', token.code, token.detail) : token }
}

async function withRefreshed({ link, deadline }: Renewal, contents: Contents, place: string, wanted: Wanted): Promise<Outcome> {
  const refreshed = await refresh(link, contents, wanted, deadline)
  if (refreshed instanceof Failure) return { contents, failure: refreshed }
  const tokens = { ...contents.tokens, [place]: refreshed.token }
  return { contents: { ...contents, refreshToken: refreshed.refreshToken, tokens }, failure: undefined }
}

function wantedBy(route: ApiRoute): Wanted {
  return { resource: resourceOf(route), scope: route.scope }
}
