import type { Seconds } from '@holdfast/protocol/time'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { isLoopback } from '../option-checks.ts'
import type { PrivateJwk } from '../sessions/session-key.ts'
import { resourceOf } from './api-token.ts'
import { Failure } from './failure.ts'
import type { ServerLink } from './server-link.ts'
import { push } from './tokens.ts'

/** What of a transaction the server is told. */
interface Begun {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly key: PrivateJwk | undefined
  readonly scope: string
  readonly acrValues: readonly string[]
  readonly maxAge: Seconds | undefined
}

interface Hints {
  readonly prompt: string | undefined
  readonly loginHint: string | undefined
}

export interface AuthorizationUrl {
  /** Where the browser goes. After a push it has `client_id` and `request_uri` alone (FAPI-56). */
  readonly url: string
  /** What the token of sign-in is to be asked for. */
  readonly resource: string | undefined
}

/**
 * The address of the authorization request (OAuth 2.1 §4.1.1), pushed where the server takes it (RFC 9126).
 *
 * With APIs the request names each of them (RFC 8707 §2.1), and each has a token of its own later. The token of sign-in is then
 * for the issuer, where the server knows itself as a resource, as Holdfast does: so it opens userinfo and no API.
 */
export async function authorizationUrl(link: ServerLink, begun: Begun, hints: Hints): Promise<AuthorizationUrl | Failure> {
  const { settings } = link
  const apis = [...new Set(settings.apis.filter(({ by }) => by !== 'token-exchange').map(resourceOf))]
  const parameters = await parametersOf(link, begun, hints)
  if (!settings.pushes) return direct(link, withResources(parameters, apis), apis[0])
  if (apis.length > 0 && link.takesIssuer) {
    const pushed = await pushedUrl(link, withResources(parameters, [settings.issuer, ...apis]), begun.key, settings.issuer)
    if (!(pushed instanceof Failure) || pushed.code !== 'invalid_target') return pushed
  }
  const pushed = await pushedUrl(link, withResources(parameters, apis), begun.key, apis[0])
  if (!(pushed instanceof Failure) && apis.length > 0) link.takesIssuer = false
  return pushed
}

async function parametersOf({ settings }: ServerLink, begun: Begun, { prompt, loginHint }: Hints): Promise<URLSearchParams> {
  const parameters = new URLSearchParams({
    client_id: settings.clientId,
    response_type: 'code',
    redirect_uri: redirectUriOf(settings),
    scope: begun.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  })
  if (begun.acrValues.length > 0) parameters.set('acr_values', begun.acrValues.join(' '))
  if (begun.maxAge !== undefined) parameters.set('max_age', String(begun.maxAge))
  if (prompt !== undefined) parameters.set('prompt', prompt)
  if (loginHint !== undefined) parameters.set('login_hint', loginHint)
  return parameters
}

export function redirectUriOf({ publicUrl, basePath }: ServerLink['settings']): string {
  return `${publicUrl}${basePath}/callback`
}

function withResources(parameters: URLSearchParams, resources: readonly string[]): URLSearchParams {
  return new URLSearchParams([...parameters, ...resources.map((resource): [string, string] => ['resource', resource])])
}

async function pushedUrl(
  link: ServerLink,
  parameters: URLSearchParams,
  key: PrivateJwk | undefined,
  resource: string | undefined,
): Promise<AuthorizationUrl | Failure> {
  const requestUri = await push(link, parameters, key)
  if (requestUri instanceof Failure) return requestUri
  return direct(link, new URLSearchParams({ client_id: link.settings.clientId, request_uri: requestUri }), resource)
}

/** The endpoint may have a query of its own, which stays. */
async function direct(link: ServerLink, parameters: URLSearchParams, resource: string | undefined): Promise<AuthorizationUrl | Failure> {
  const server = await link.metadata()
  if (server instanceof Failure) return server
  const endpoint = server.authorization_endpoint ?? ''
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || (url.protocol !== 'https:' && !isLoopback(url)))
    return new Failure('unsound', 'unfit_metadata', 'the authorization_endpoint is no https URL')
  for (const [name, value] of parameters) url.searchParams.append(name, value)
  return { url: url.href, resource }
}
