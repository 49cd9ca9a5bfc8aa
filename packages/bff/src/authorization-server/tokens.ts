import type { EpochSeconds } from '@holdfast/protocol/time'
import * as oauth from 'oauth4webapi'
import type { AccessToken, Contents } from '../sessions/contents.ts'
import type { PrivateJwk } from '../sessions/session-key.ts'
import type { Settings } from '../settings.ts'
import { Failure } from './failure.ts'
import type { ServerLink } from './server-link.ts'

const DEADLINE = 6000
const REVOCATION_DEADLINE = 3000
/** Where the server does not say how long a token is good (RFC 6749 §5.1). */
const SHORT = 60
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** What a token is wanted for: both members are left out of the request where they are undefined. */
export interface Wanted {
  readonly resource: string | undefined
  readonly scope: string | undefined
}

export interface Refreshed {
  readonly token: AccessToken
  /** The new one where the server rotates, else the old. */
  readonly refreshToken: string
}

/** @returns the request URI, or why there is none (RFC 9126 §2) */
export async function push(link: ServerLink, parameters: URLSearchParams, key: PrivateJwk | undefined): Promise<string | Failure> {
  return link.ask(DEADLINE, key, async ({ server, client, authentication, options }) => {
    const response = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options)
    return (await oauth.processPushedAuthorizationResponse(server, client, response)).request_uri
  })
}

/** A fresh token, for one API (RFC 6749 §6, RFC 8707 §2.2). */
export async function refresh(link: ServerLink, contents: Contents, wanted: Wanted, deadline: AbortSignal): Promise<Refreshed | Failure> {
  const { refreshToken, key, sub } = contents
  if (refreshToken === undefined) return new Failure('grant_ended', 'no_refresh_token', 'the server gave no refresh token')
  return link.ask(deadline, key, async ({ server, client, authentication, options }) => {
    const asked = link.settings.clock.now()
    const additionalParameters = parametersOf(wanted)
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, {
      ...options,
      additionalParameters,
    })
    const answer = await oauth.processRefreshTokenResponse(server, client, response)
    // OpenID Connect Core §12.2: a refresh that speaks of somebody else is not believed.
    const about = oauth.getValidatedIdTokenClaims(answer)?.sub
    if (about !== undefined && about !== sub) return new Failure('unsound', 'other_subject', 'the ID token of a refresh has another sub')
    const token = tokenOf(link.settings, answer, asked)
    return token instanceof Failure ? token : { token, refreshToken: answer.refresh_token ?? refreshToken }
  })
}

/** The token of sign-in for one that an API of another kind takes (RFC 8693 §2). */
export async function exchange(
  link: ServerLink,
  contents: Contents,
  subject: AccessToken,
  wanted: Wanted,
  deadline: AbortSignal,
): Promise<AccessToken | Failure> {
  return link.ask(deadline, contents.key, async ({ server, client, authentication, options }) => {
    const asked = link.settings.clock.now()
    const parameters = new URLSearchParams({ ...parametersOf(wanted), subject_token: subject.value, subject_token_type: ACCESS_TOKEN })
    const response = await oauth.genericTokenEndpointRequest(server, client, authentication, TOKEN_EXCHANGE, parameters, options)
    const answer = await oauth.processGenericTokenEndpointResponse(server, client, response)
    if (answer['issued_token_type'] !== ACCESS_TOKEN)
      return new Failure('unsound', 'issued_token_type', 'what was exchanged is no access token')
    return tokenOf(link.settings, answer, asked)
  })
}

/** Tries for three seconds (RFC 7009 §2): nobody stays signed in because it failed. */
export async function revoke(
  link: ServerLink,
  { refreshToken, key, tokens }: Pick<Contents, 'refreshToken' | 'key' | 'tokens'>,
): Promise<Failure | undefined> {
  const token = refreshToken ?? Object.values(tokens)[0]?.value
  if (token === undefined) return undefined
  return link.ask(REVOCATION_DEADLINE, key, async ({ server, client, authentication, options }) => {
    if (server.revocation_endpoint === undefined) return undefined
    const { DPoP: _, ...rest } = options
    return oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, token, rest))
  })
}

/** @returns nothing where the server has no userinfo; OIDC-45: what is about somebody else is a failure */
export async function userInfo(
  link: ServerLink,
  token: AccessToken,
  key: PrivateJwk | undefined,
  sub: string,
): Promise<Readonly<Record<string, unknown>> | Failure> {
  return link.ask(DEADLINE, key, async (asking) => {
    const { server, client, options } = asking
    if (server.userinfo_endpoint === undefined) return {}
    const response = await oauth.userInfoRequest(server, client, token.value, options)
    const claims = await oauth.processUserInfoResponse(server, client, sub, response)
    if (response.headers.get('content-type')?.startsWith('application/jwt') === true) await link.checkSignature(asking, response)
    return claims
  })
}

/** @param asked when the request began: a token's life is counted from there */
export function tokenOf({ binds }: Settings, answer: oauth.TokenEndpointResponse, asked: EpochSeconds): AccessToken | Failure {
  // DPOP-62: a token that is not bound to the key is worth as much in a thief's hand.
  if (binds && answer.token_type !== 'dpop')
    return new Failure('unsound', 'unbound_token', `the server gave a token of the type ${answer.token_type}, not DPoP`)
  if (!binds && answer.token_type !== 'bearer')
    return new Failure('unsound', 'token_type', 'the server gave a token that is not of the type Bearer')
  // What is no token (RFC 6749 App. A.12) would be refused by `Headers`, whose error has the whole value in its message: for every log.
  if (!/^[\x21-\x7e]+$/.test(answer.access_token))
    return new Failure('unsound', 'access_token', 'the access token has characters that no header takes')
  const life = answer.expires_in ?? SHORT
  return { value: answer.access_token, expiresAt: asked + Math.floor(life), life }
}

function parametersOf({ resource, scope }: Wanted): Record<string, string> {
  return { ...(resource === undefined ? {} : { resource }), ...(scope === undefined ? {} : { scope }) }
}
