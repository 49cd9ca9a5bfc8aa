import type { ApiRoute } from '../options.ts'
import { type Contents, isFresh, SIGN_IN } from '../sessions/contents.ts'
import { Failure } from './failure.ts'
import type { ServerLink } from './server-link.ts'
import { exchange, refresh, type Wanted } from './tokens.ts'

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

/** The same session with a fresh token for an API. */
export async function withTokenFor(link: ServerLink, contents: Contents, route: ApiRoute): Promise<Contents | Failure> {
  if (route.by === 'token-exchange') return withExchangedToken(link, contents, route)
  const place = placeOf(route, contents)
  return withRefreshed(link, contents, place, place === SIGN_IN ? { resource: contents.resource, scope: undefined } : wantedBy(route))
}

async function withExchangedToken(link: ServerLink, contents: Contents, route: ApiRoute): Promise<Contents | Failure> {
  const refreshed = (): Promise<Contents | Failure> =>
    withRefreshed(link, contents, SIGN_IN, { resource: contents.resource, scope: undefined })
  const kept = isFresh(contents.tokens[SIGN_IN], link.settings.clock.now())
  const first = kept ? contents : await refreshed()
  if (first instanceof Failure) return first
  const exchanged = await exchangedIn(link, first, route)
  // The server no longer takes a token that still looked good: it was revoked, or its key is gone. One more try with a new one.
  if (!(exchanged instanceof Failure) || !kept || exchanged.kind === 'away') return asRefusal(exchanged)
  const second = await refreshed()
  return second instanceof Failure ? second : asRefusal(await exchangedIn(link, second, route))
}

async function exchangedIn(link: ServerLink, contents: Contents, route: ApiRoute): Promise<Contents | Failure> {
  const subject = contents.tokens[SIGN_IN]
  if (subject === undefined) return new Failure('grant_ended', 'no_access_token', 'the session has no token to exchange')
  const token = await exchange(link, contents, subject, wantedBy(route))
  return token instanceof Failure ? token : { ...contents, tokens: { ...contents.tokens, [placeOf(route, contents)]: token } }
}

/** Only a refresh says that the grant has ended; an exchange says it of the token that was shown. */
function asRefusal(outcome: Contents | Failure): Contents | Failure {
  return outcome instanceof Failure && outcome.kind === 'grant_ended' ? new Failure('refused', outcome.code, outcome.detail) : outcome
}

async function withRefreshed(link: ServerLink, contents: Contents, place: string, wanted: Wanted): Promise<Contents | Failure> {
  const refreshed = await refresh(link, contents, wanted)
  if (refreshed instanceof Failure) return refreshed
  return { ...contents, refreshToken: refreshed.refreshToken, tokens: { ...contents.tokens, [place]: refreshed.token } }
}

function wantedBy(route: ApiRoute): Wanted {
  return { resource: resourceOf(route), scope: route.scope }
}
