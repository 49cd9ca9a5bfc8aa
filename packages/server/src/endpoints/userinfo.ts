import { readCredentials } from '@holdfast/protocol/credentials'
import { Form } from '@holdfast/protocol/form'
import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { challenge } from '@holdfast/protocol/www-authenticate'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { standingOf } from '../tokens/live-token.ts'
import type { ReadAccessToken } from '../tokens/read-access-token.ts'
import { claimsFor } from '../tokens/claims.ts'
import { DPOP_ALGORITHMS } from '@holdfast/proof'
import type { Client } from '../config/client.ts'
import type { Account } from '../interaction/accounts.ts'
import { answerJwt, encryptTo } from '../keys/encrypted.ts'
import { checkHolder, type ShownToken } from '../tokens/holder.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { replayedProof } from './answer.ts'
import { PROOF_IS_NEW } from './burnt.ts'

type Scheme = ShownToken['scheme']

/** GET and POST /userinfo (OpenID Connect Core §5.3): a protected resource of our own, checked as any other (DPOP-36). */
export async function userinfo(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const now = as.clock.now()
  const { witness } = request
  const tell = tellerOf('access token', witness)
  const credentials = tell('shown once', 'OA-68', await shownToken(request))
  const absent = tell('shown', 'OA-67', credentials === undefined ? noToken() : undefined)
  if (absent !== undefined || credentials === undefined) return unauthorized(undefined)
  if (credentials instanceof OAuthError)
    return json(
      400,
      { error: credentials.code },
      { 'www-authenticate': [challengeOf('Bearer', credentials), challengeOf('DPoP', credentials)] },
    )
  await as.keys.refresh()
  const read = await as.accessTokens.read(credentials.token, now, witness)
  const { scheme } = credentials
  if (read instanceof OAuthError) return unauthorized({ scheme, error: read })
  const headers = as.dpop.headers(request, now)
  const held = checkHolder(as.dpop, request, '/userinfo', credentials, read.confirmation, now)
  if (held instanceof OAuthError) return unauthorized({ scheme, error: held }, headers)
  const live = await checkLive(as, read, now, witness)
  if (live instanceof OAuthError)
    return live.code === 'insufficient_scope' ? forbidden(scheme, live, headers) : unauthorized({ scheme, error: live }, headers)
  const { client, claims } = live
  // Made before the proof is spent: an answer that cannot be encrypted costs nothing.
  const plain = client.userinfoSignedResponseAlg === undefined && client.userinfoEncryptedResponse === undefined
  const body = plain ? undefined : await jwtOf(as, client, claims)
  const burnt = held === undefined ? undefined : await burn(as, held, witness)
  if (burnt !== undefined) return burnt.code === 'temporarily_unavailable' ? unavailable() : unauthorized({ scheme, error: burnt }, headers)
  if (body === undefined) return json(200, claims, headers)
  return { status: 200, headers: { ...headers, 'content-type': 'application/jwt', 'cache-control': 'no-store' }, body }
}

/** Core §5.3.2: signed, then encrypted, as the client registered. Without `exp` it never passes for an ID token. */
async function jwtOf(as: AuthorizationServer, client: Client, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const { userinfoSignedResponseAlg: alg, userinfoEncryptedResponse: encryption } = client
  const told = { ...claims, iss: as.issuer, aud: client.clientId }
  if (alg !== undefined) return answerJwt(as, client, { typ: 'JWT', alg, encryption }, told)
  if (encryption === undefined) throw new Error('a client that registered for neither is answered with JSON')
  return encryptTo(as.clientKeys, client, encryption, JSON.stringify(told), undefined)
}

/** The header, or the body of a form (OIDC-40); both at once are refused (OA-68). */
async function shownToken(request: HttpRequest): Promise<ShownToken | OAuthError | undefined> {
  const credentials = readCredentials(request.headers('authorization'))
  if (request.method !== 'POST' || request.headers('content-type').length === 0) return credentials
  const form = await Form.read(request)
  const inBody = form instanceof OAuthError ? undefined : form.one('access_token')
  if (inBody === undefined) return credentials
  if (inBody instanceof OAuthError || credentials !== undefined)
    return new OAuthError('invalid_request', 'the access token is shown in more than one way', { rule: 'OA-68' })
  return { scheme: 'Bearer', token: inBody }
}

/** After all other checks, so that a refusal spends nothing; a proof that was used is refused (DPOP-16). */
async function burn(
  { memory }: AuthorizationServer,
  { proof }: SenderConstraint,
  witness: Witness | undefined,
): Promise<OAuthError | undefined> {
  if (proof === undefined) return undefined
  try {
    const seen = (await memory.add(`dpop ${proof.replayKey}`, proof.replayUntil)) === 'seen'
    return witnessed(witness, PROOF_IS_NEW, seen ? replayedProof() : undefined)
  } catch {
    return new OAuthError('temporarily_unavailable', 'the replay memory cannot be asked')
  }
}

/** Revocation is immediate at home: grant and client are read every time (design §6). */
async function checkLive(
  as: AuthorizationServer,
  read: ReadAccessToken,
  now: EpochSeconds,
  witness: Witness | undefined,
): Promise<{ readonly client: Client; readonly claims: Readonly<Record<string, unknown>> } | OAuthError> {
  const tell = tellerOf('access token', witness)
  const elsewhere = tell('for this resource', 'TOK-12', checkAudience(read, as.issuer))
  if (elsewhere !== undefined) return elsewhere
  const standing = tell('not revoked', 'REV-06', (read.ofClient ? undefined : await standingOf(as, read, now)) ?? gone())
  if (standing instanceof OAuthError) return standing
  const narrow = tell('scope', 'OIDC-43', checkScope(read))
  if (narrow !== undefined) return narrow
  const { client, subject, grant } = standing
  const account = tell('person is there', 'REV-06', present(await as.accounts.find(subject)))
  if (account instanceof OAuthError) return account
  const asked = grant?.value.clientId === client.clientId ? grant.value.claims?.userinfo : undefined
  const claims = { sub: as.subjects.subjectFor(client, subject), ...claimsFor(client, account.claims, read.scopes, asked) }
  return { client, claims }
}

function gone(): OAuthError {
  return new OAuthError('invalid_token', 'the access token was revoked', { rule: 'REV-06' })
}

function present(account: Account | undefined): Account | OAuthError {
  return account === undefined || account.disabled ? gone() : account
}

/** For a witness: whoever shows nothing is told nothing (DPOP-54). */
function noToken(): OAuthError {
  return new OAuthError('invalid_token', 'no access token is shown', { rule: 'OA-67' })
}

function checkAudience({ audience }: ReadAccessToken, issuer: string): OAuthError | undefined {
  if (audience.includes(issuer)) return undefined
  return new OAuthError('invalid_token', 'the access token is for another resource', { rule: 'TOK-12' })
}

function checkScope({ scopes }: ReadAccessToken): OAuthError | undefined {
  if (scopes.includes('openid')) return undefined
  return new OAuthError('insufficient_scope', 'userinfo needs the scope openid', { rule: 'OIDC-43' })
}

function challengeOf(scheme: Scheme, error: OAuthError | undefined, scope?: string): string {
  return challenge(scheme, {
    error: error?.code,
    error_description: error?.description,
    scope,
    algs: scheme === 'DPoP' ? DPOP_ALGORITHMS.join(' ') : undefined,
  })
}

/** Without credentials both schemes are offered and nothing is told (DPOP-54); else the scheme that was used (DPOP-56). */
function unauthorized(refusal: { readonly scheme: Scheme; readonly error: OAuthError } | undefined, headers: Reply['headers'] = {}): Reply {
  if (refusal === undefined)
    return json(401, {}, { 'www-authenticate': [challenge('Bearer', { realm: 'holdfast' }), challengeOf('DPoP', undefined)] })
  return json(
    401,
    { error: refusal.error.code, error_description: refusal.error.description },
    { ...headers, 'www-authenticate': challengeOf(refusal.scheme, refusal.error) },
  )
}

function forbidden(scheme: Scheme, error: OAuthError, headers: Reply['headers']): Reply {
  return json(
    403,
    { error: error.code, error_description: error.description },
    { ...headers, 'www-authenticate': challengeOf(scheme, error, 'openid') },
  )
}

function unavailable(): Reply {
  return json(503, { error: 'temporarily_unavailable' }, { 'retry-after': '1' })
}
