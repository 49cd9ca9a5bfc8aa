import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { NamedCheck, Witness } from '@holdfast/protocol/witness'
import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { firstFailure, told } from '../checks.ts'
import { type AccessToken, type Contents, SIGN_IN } from '../sessions/contents.ts'
import type { PrivateJwk } from '../sessions/session-key.ts'
import { Failure } from './failure.ts'
import { librarySays, responseChecks, signatureChecks, tokenResponseChecks } from './library-verdict.ts'
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
const ACCESS_TOKEN = { about: 'token response', check: 'access token', rule: 'DPOP-62' }

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
  witness?: Witness,
): Promise<SignedIn | Failure> {
  const { key } = expected
  const asked = link.settings.clock.now()
  let checked: URLSearchParams | undefined
  const signedIn = await link.ask(DEADLINE, key, async (asking) => {
    const { server, client, authentication, options } = asking
    // Once, also where the rest is tried again for a nonce: a witness hears of one answer.
    checked ??= await checkedResponse(asking, parameters, expected.state, witness)
    const additionalParameters = expected.resource === undefined ? {} : { resource: expected.resource }
    const response = await oauth.authorizationCodeGrantRequest(server, client, authentication, checked, redirectUri, expected.verifier, {
      ...options,
      additionalParameters,
    })
    const answer = await librarySays(witness, tokenResponseChecks, () =>
      oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: expected.nonce,
        requireIdToken: true,
        ...(expected.maxAge === undefined ? {} : { maxAge: expected.maxAge }),
      }),
    )
    // The library leaves the signature to TLS: here it is always checked.
    await librarySays(witness, signatureChecks, () => link.checkSignature(asking, response))
    return contentsOf(link, answer, expected, asked, witness)
  })
  return signedIn instanceof Failure ? signedIn : withUserInfo(link, signedIn)
}

/** RFC 9207, and JARM where the answer is a JWT. @throws what the library throws */
async function checkedResponse(
  { server, client, options }: Asking,
  parameters: URLSearchParams,
  state: string,
  witness: Witness | undefined,
): Promise<URLSearchParams> {
  return librarySays(witness, responseChecks, async () =>
    parameters.has('response')
      ? oauth.validateJwtAuthResponse(server, client, parameters, state, options)
      : oauth.validateAuthResponse(server, client, parameters, state),
  )
}

interface Identified {
  readonly claims: oauth.IDToken
  readonly expected: Expected
  readonly now: EpochSeconds
}

/** What the library leaves to its caller. */
export const idTokenChecks: readonly NamedCheck<Identified, Failure>[] = [
  { name: 'aud', rule: 'OIDC-37', check: checkOneAudience },
  { name: 'iat', rule: 'OIDC-37', check: checkIat },
  { name: 'acr where asked for', rule: 'STEP-23', check: checkAcr },
]

function checkOneAudience({ claims: { aud } }: Identified): Failure | undefined {
  return Array.isArray(aud) && aud.length !== 1 ? new Failure('unsound', 'other_audience', 'the ID token is for others too') : undefined
}

function checkIat({ claims: { iat }, now }: Identified): Failure | undefined {
  return iat > now + TOLERANCE ? new Failure('unsound', 'iat', 'the ID token is from the future') : undefined
}

/** A level that was asked for is needed: without it the API would challenge again, in circles (STEP-23). */
function checkAcr({ claims, expected: { acrValues } }: Identified): Failure | undefined {
  return acrValues.length > 0 && !acrValues.some((acr) => acr === claims['acr'])
    ? new Failure('refused', 'unmet_authentication_requirements', 'the ID token has none of the acr_values that were asked for')
    : undefined
}

function contentsOf(
  { settings }: ServerLink,
  answer: oauth.TokenEndpointResponse,
  expected: Expected,
  asked: EpochSeconds,
  witness: Witness | undefined,
): SignedIn | Failure {
  const claims = oauth.getValidatedIdTokenClaims(answer) as oauth.IDToken
  const refusal = firstFailure('ID token', idTokenChecks, { claims, expected, now: settings.clock.now() }, witness)
  if (refusal !== undefined) return refusal
  const token = tokenOf(settings, answer, asked)
  told(witness, ACCESS_TOKEN, token instanceof Failure ? token.detail : undefined)
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
