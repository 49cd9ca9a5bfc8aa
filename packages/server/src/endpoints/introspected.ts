import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import type { RefreshFamilyRecord } from '../records.ts'
import type { ReadAccessToken } from '../tokens/read-access-token.ts'
import { endOf } from '../tokens/refresh-family.ts'
import { parseRefreshToken, type RefreshToken } from '../tokens/refresh-token.ts'
import { cnfOf } from '../tokens/sign.ts'
import { liveGrant, liveStanding, personIsThere, type Standing } from '../tokens/live-token.ts'
import { actorFor } from '../tokens/actor.ts'

/** RFC 7662 §2.2: an inactive answer has no other member. */
export type Introspected = { readonly active: false } | ({ readonly active: true } & Readonly<Record<string, unknown>>)

/** One answer for every token that the caller is not told about, whatever the reason (INT-05). */
const INACTIVE: Introspected = { active: false }

/**
 * What the caller may know about a token. `token_type_hint` is not needed: each kind looks different, and a
 * wrong hint must not matter (INT-04).
 */
export async function introspected(
  as: AuthorizationServer,
  caller: Client,
  token: string,
  now: EpochSeconds,
  witness?: Witness,
): Promise<Introspected> {
  const refresh = parseRefreshToken(token)
  return refresh === undefined ? accessToken(as, caller, token, now, witness) : refreshToken(as, caller, refresh, now, witness)
}

/** What nobody but a witness hears of: the caller is told nothing but `active: false`. */
function inactive(): OAuthError {
  return new OAuthError('invalid_token', 'the caller is told that the token is not active', { rule: 'INT-05' })
}

/** Usable at the caller, or nothing: a resource server learns about tokens that have one of its resources in `aud` (INT-02, INT-06). */
async function accessToken(
  as: AuthorizationServer,
  caller: Client,
  token: string,
  now: EpochSeconds,
  witness: Witness | undefined,
): Promise<Introspected> {
  const tell = tellerOf('access token', witness)
  // A client that asks about a token of its own is no resource server (FMS-08).
  const nobody = tell('asked about by a resource', 'FMS-08', caller.protectedResources.length === 0 ? inactive() : undefined)
  if (nobody !== undefined) return INACTIVE
  const read = await as.accessTokens.read(token, now, witness)
  if (read instanceof OAuthError) return INACTIVE
  const audience = read.audience.filter((one) => caller.protectedResources.includes(one))
  const foreign = tell('for a resource of the caller', 'INT-06', audience.length === 0 ? inactive() : undefined)
  if (foreign !== undefined) return INACTIVE
  const standing = tell('not revoked', 'REV-06', (await liveStanding(as, read, now)) ?? inactive())
  return standing instanceof OAuthError ? INACTIVE : active(as, caller, { ...standing, read }, audience)
}

/**
 * RFC 7662 §2.2, RFC 9449 §6.2, RFC 8705 §3.2, RFC 8693 §4.1, RFC 9470 §6.2, RFC 9396 §9.2. Only what concerns the caller's own
 * resources; no `username`, since `sub` names the person and a name is personal data.
 */
function active(
  as: AuthorizationServer,
  caller: Client,
  { read, subject }: Standing & { readonly read: ReadAccessToken },
  audience: readonly string[],
): Introspected {
  const { authentication, actor, confirmation, mayAct } = read
  const scopes = as.resources.meaningfulAt(audience, read.scopes)
  const details = read.authorizationDetails.filter((detail) => concerns(detail, audience))
  return {
    active: true,
    iss: as.issuer,
    // What a JWT says it says to everybody; of an opaque token the caller hears the name that it knows people by (docs/decisions/0013).
    sub: read.recordId === undefined || read.ofClient ? read.sub : as.subjects.subjectFor(caller, subject),
    aud: audience.length === 1 ? audience[0] : audience,
    client_id: read.clientId,
    token_type: confirmation?.jkt === undefined ? 'Bearer' : 'DPoP',
    iat: read.issuedAt,
    exp: read.expiresAt,
    jti: read.jti,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(confirmation === undefined ? {} : { cnf: cnfOf(confirmation) }),
    ...(authentication === undefined ? {} : { auth_time: authentication.authTime }),
    ...(authentication?.acr === undefined ? {} : { acr: authentication.acr }),
    ...(authentication === undefined || authentication.amr.length === 0 ? {} : { amr: authentication.amr }),
    ...(actor === undefined ? {} : { act: actorFor(as.subjects, caller, actor) }),
    ...(mayAct === undefined ? {} : { may_act: mayAct }),
    ...(details.length === 0 ? {} : { authorization_details: details }),
  }
}

/** RFC 9396 §2.2: details that name locations are for those alone. */
function concerns({ locations }: AuthorizationDetail, audience: readonly string[]): boolean {
  return !Array.isArray(locations) || locations.length === 0 || locations.some((one) => audience.some((each) => each === one))
}

/**
 * Whether a client's own refresh token still works: told to that client, which is the only one that can use it. A client
 * that also stands for a resource is not told: at its API the answer could pass for that of an access token.
 * Asking never counts as use.
 */
async function refreshToken(
  as: AuthorizationServer,
  caller: Client,
  token: RefreshToken,
  now: EpochSeconds,
  witness: Witness | undefined,
): Promise<Introspected> {
  const tell = tellerOf('refresh_token', witness)
  const stored = (await as.store.read('refresh_family', token.familyId))?.value
  const genuine = as.sources.refreshTokens.verify(token, stored) === 'genuine' ? stored : undefined
  const family = tell('known', 'INT-05', genuine ?? inactive())
  if (family instanceof OAuthError) return INACTIVE
  const exp = endOf(family, as.policy)
  if (firstRefusal('refresh_token', refreshChecks, { token, family, caller, exp, now }, witness) !== undefined) return INACTIVE
  const grant = tell('grant lives', 'REV-06', (await liveGrant(as, family.grantId, now))?.value ?? inactive())
  if (grant instanceof OAuthError) return INACTIVE
  const absent = tell('person is there', 'REV-06', (await personIsThere(as, grant.subject)) ? undefined : inactive())
  if (absent !== undefined) return INACTIVE
  return {
    active: true,
    iss: as.issuer,
    sub: as.subjects.subjectFor(caller, grant.subject),
    client_id: family.clientId,
    exp,
    ...(family.scopes.length === 0 ? {} : { scope: family.scopes.join(' ') }),
    ...(family.authorizationDetails.length === 0 ? {} : { authorization_details: family.authorizationDetails }),
  }
}

interface AskedAbout {
  readonly token: RefreshToken
  readonly family: RefreshFamilyRecord
  readonly caller: Client
  readonly exp: EpochSeconds
  readonly now: EpochSeconds
}

const refreshChecks: readonly NamedCheck<AskedAbout, OAuthError>[] = [
  { name: 'of the caller', rule: 'INT-05', check: ({ family, caller }) => (family.clientId === caller.clientId ? undefined : inactive()) },
  { name: 'caller is no resource', rule: 'INT-05', check: ({ caller }) => (caller.protectedResources.length > 0 ? inactive() : undefined) },
  {
    name: 'not used before',
    rule: 'INT-05',
    check: ({ token, family }) => (token.generation === family.generation ? undefined : inactive()),
  },
  { name: 'not expired', rule: 'INT-05', check: ({ exp, now }) => (exp <= now ? inactive() : undefined) },
]
