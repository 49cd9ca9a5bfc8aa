import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { type AccessToken, type Contents, SIGN_IN } from '../sessions/contents.ts'
import type { PrivateJwk } from '../sessions/session-key.ts'
import { Failure } from './failure.ts'
import { type Asking, type ServerLink, TOLERANCE } from './server-link.ts'
import { tokenOf, userInfo } from './tokens.ts'

/** What a code is redeemed with, and what the answer must agree with. */
export interface Expected {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly key: PrivateJwk | undefined
  readonly acrValues: readonly string[]
  readonly maxAge: Seconds | undefined
  /** What was asked for. */
  readonly scope: string
  /** What the token of sign-in is for. */
  readonly resource: string | undefined
}

export interface SignedIn {
  readonly contents: Contents
  /** When the refresh token ends, where the server says so. */
  readonly refreshEndsAt: EpochSeconds | undefined
}

const DEADLINE = 6000

/** The `state` of an authorization response, to find its transaction by; nothing is believed yet. */
export function stateOf(parameters: URLSearchParams): string | undefined {
  const plain = parameters.getAll('state')
  const [jwt = ''] = parameters.getAll('response')
  if (jwt === '') return plain.length === 1 ? plain[0] : undefined
  try {
    const { state } = decodeJwt(jwt)
    return typeof state === 'string' ? state : undefined
  } catch {
    return undefined
  }
}

/** Redeems the code of an authorization response and asks who it is. Everything is checked: OIDC-37, OIDC-45, MCP-51. */
export async function redeem(
  link: ServerLink,
  parameters: URLSearchParams,
  redirectUri: string,
  expected: Expected,
): Promise<SignedIn | Failure> {
  const { key } = expected
  const asked = link.settings.clock.now()
  const signedIn = await link.ask(DEADLINE, key, async (asking) => {
    const { server, client, authentication, options } = asking
    const checked = await checkedResponse(asking, parameters, expected.state)
    const additionalParameters = expected.resource === undefined ? {} : { resource: expected.resource }
    const response = await oauth.authorizationCodeGrantRequest(server, client, authentication, checked, redirectUri, expected.verifier, {
      ...options,
      additionalParameters,
    })
    const answer = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: expected.nonce,
      requireIdToken: true,
      ...(expected.maxAge === undefined ? {} : { maxAge: expected.maxAge }),
    })
    // The library leaves the signature to TLS: here it is always checked.
    await link.checkSignature(asking, response)
    return contentsOf(link, answer, expected, asked)
  })
  return signedIn instanceof Failure ? signedIn : withUserInfo(link, signedIn)
}

/** RFC 9207, and JARM where the answer is a JWT. @throws what the library throws */
async function checkedResponse({ server, client, options }: Asking, parameters: URLSearchParams, state: string): Promise<URLSearchParams> {
  return parameters.has('response')
    ? oauth.validateJwtAuthResponse(server, client, parameters, state, options)
    : oauth.validateAuthResponse(server, client, parameters, state)
}

function contentsOf(link: ServerLink, answer: oauth.TokenEndpointResponse, expected: Expected, asked: EpochSeconds): SignedIn | Failure {
  const { settings } = link
  const claims = oauth.getValidatedIdTokenClaims(answer) as oauth.IDToken
  if (Array.isArray(claims.aud) && claims.aud.length !== 1)
    return new Failure('unsound', 'other_audience', 'the ID token is for others too')
  if (claims.iat > settings.clock.now() + TOLERANCE) return new Failure('unsound', 'iat', 'the ID token is from the future')
  // A level that was asked for is needed: without it the API would challenge again, in circles (STEP-23).
  if (expected.acrValues.length > 0 && !expected.acrValues.some((acr) => acr === claims['acr']))
    return new Failure('refused', 'unmet_authentication_requirements', 'the ID token has none of the acr_values that were asked for')
  const token = tokenOf(settings, answer, asked)
  if (token instanceof Failure) return token
  const { sid } = claims
  const life = answer['refresh_token_expires_in'] ?? answer['refresh_expires_in']
  return {
    contents: {
      sub: claims.sub,
      sid: typeof sid === 'string' ? sid : undefined,
      claims: { ...claims },
      idToken: answer.id_token as string,
      scope: expected.scope,
      refreshToken: answer.refresh_token,
      key: expected.key,
      resource: expected.resource,
      tokens: { [SIGN_IN]: token },
    },
    refreshEndsAt: typeof life === 'number' && life > 0 ? asked + Math.floor(life) : undefined,
  }
}

/** Of all that is told about a person, pages see what the options list. */
async function withUserInfo(link: ServerLink, signedIn: SignedIn): Promise<SignedIn | Failure> {
  const { claims: wanted, tell } = link.settings
  const { contents } = signedIn
  const missing = wanted.some((name) => contents.claims[name] === undefined)
  const told = missing ? await userInfo(link, contents.tokens[SIGN_IN] as AccessToken, contents.key, contents.sub) : {}
  if (told instanceof Failure && told.kind === 'unsound') return told
  // Without it somebody is signed in all the same, with fewer claims.
  if (told instanceof Failure) tell({ type: 'userinfo.failed', code: told.code, detail: told.detail })
  const all = { ...(told instanceof Failure ? {} : told), ...contents.claims }
  const claims = Object.fromEntries(wanted.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])))
  return { ...signedIn, contents: { ...contents, claims } }
}
