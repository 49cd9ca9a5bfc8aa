import { createHash } from 'node:crypto'
import { newSecret } from '@holdfast/protocol/secret'
import type { SigningAlgorithm } from '../config/client.ts'
import type { DerivedKeys } from '../keys/derived.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { GrantReferences } from './grant-reference.ts'
import type { ServerChange } from '../records.ts'
import type { Authentication, Issuance, TokenResponse } from './issuance.ts'
import { opaqueToken } from './opaque-token.ts'
import { formatRefreshToken } from './refresh-token.ts'
import type { Confirmation } from './sender-constraint.ts'

/** Our private claim: which grant the token stands under, readable by us alone. */
export const GRANT_CLAIM = 'holdfast_grant'
/** Our private claim: names of the tokens that this one was exchanged from. */
export const EXCHANGED_CLAIM = 'holdfast_exchanged_from'

/** RFC 9068 §2.1: the algorithm of access tokens; that of an ID token is its client's choice. */
const ACCESS_TOKEN_ALG: SigningAlgorithm = 'ES256'

/** What is sent, and what must be stored for it to be true. */
export interface Signed {
  readonly response: TokenResponse
  readonly changes: readonly ServerChange[]
}

/** Turns what was decided into what is sent. Signing comes before committing: if it fails, nothing was spent. */
export class TokenSigner {
  readonly #issuer: string
  readonly #ring: KeyRing
  readonly #derived: DerivedKeys
  readonly #references: GrantReferences

  constructor(issuer: string, ring: KeyRing, derived: DerivedKeys, references: GrantReferences) {
    this.#issuer = issuer
    this.#ring = ring
    this.#derived = derived
    this.#references = references
  }

  sign(issuance: Issuance): Signed {
    const opaque = issuance.format === 'opaque' ? opaqueToken(issuance) : undefined
    const accessToken = opaque?.text ?? this.#accessToken(issuance)
    const { refreshToken, authorizationDetails = [] } = issuance
    const response: TokenResponse = {
      access_token: accessToken,
      token_type: issuance.confirmation?.jkt === undefined ? 'Bearer' : 'DPoP',
      expires_in: issuance.expiresAt - issuance.issuedAt,
      ...(issuance.scopes.length === 0 ? {} : { scope: issuance.scopes.join(' ') }),
      ...(refreshToken === undefined
        ? {}
        : {
            refresh_token: formatRefreshToken(
              this.#derived,
              refreshToken.familyId,
              refreshToken.generation,
              refreshToken.salt,
              refreshToken.keyId,
            ),
          }),
      ...(issuance.idToken === undefined ? {} : { id_token: this.#idToken(issuance, issuance.idToken, accessToken) }),
      ...(authorizationDetails.length === 0 ? {} : { authorization_details: authorizationDetails }),
      ...issuance.response,
    }
    return { response, changes: opaque === undefined ? [] : [opaque.change] }
  }

  /** RFC 9068 §2.2. No personal data (TOK-15): the subject is a reference. */
  #accessToken(issuance: Issuance): string {
    const { audience, scopes, confirmation, authentication, authorizationDetails = [], actor, exchangedFrom = [] } = issuance
    const { mayAct } = issuance.client
    return this.#ring.signer(ACCESS_TOKEN_ALG).sign('at+jwt', {
      iss: this.#issuer,
      sub: issuance.subject,
      aud: audience.length === 1 ? audience[0] : audience,
      client_id: issuance.client.clientId,
      iat: issuance.issuedAt,
      exp: issuance.expiresAt,
      jti: newSecret(),
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(authentication === undefined ? {} : claimsOf(authentication)),
      ...(authorizationDetails.length === 0 ? {} : { authorization_details: authorizationDetails }),
      ...(actor === undefined ? {} : { act: actor }),
      ...(mayAct === undefined ? {} : { may_act: mayAct }),
      ...(exchangedFrom.length === 0 ? {} : { [EXCHANGED_CLAIM]: exchangedFrom }),
      ...(confirmation === undefined ? {} : { cnf: cnfOf(confirmation) }),
      ...(issuance.grantId === undefined ? {} : { [GRANT_CLAIM]: this.#references.make(issuance.grantId, audience[0] as string) }),
    })
  }

  /** OpenID Connect Core §2. Claims about the person come from userinfo (OIDC-33). */
  #idToken(issuance: Issuance, wanted: NonNullable<Issuance['idToken']>, accessToken: string): string {
    const alg = issuance.client.idTokenSignedResponseAlg
    return this.#ring.signer(alg).sign('JWT', {
      iss: this.#issuer,
      sub: issuance.subject,
      aud: issuance.client.clientId,
      iat: issuance.issuedAt,
      exp: wanted.expiresAt,
      ...(wanted.nonce === undefined ? {} : { nonce: wanted.nonce }),
      ...(issuance.authentication === undefined ? {} : claimsOf(issuance.authentication)),
      ...(wanted.sid === undefined ? {} : { sid: wanted.sid }),
      at_hash: leftHalf(alg, accessToken),
    })
  }
}

/** Values fixed when the person signed in (TOK-06). */
function claimsOf({ authTime, acr, amr }: Authentication): Readonly<Record<string, unknown>> {
  return { auth_time: authTime, ...(acr === undefined ? {} : { acr }), ...(amr.length === 0 ? {} : { amr }) }
}

/** RFC 7800 §3.1: the members as the wire has them. */
export function cnfOf({ jkt, x5t }: Confirmation): Readonly<Record<string, string>> {
  return { ...(jkt === undefined ? {} : { jkt }), ...(x5t === undefined ? {} : { 'x5t#S256': x5t }) }
}

/** OpenID Connect Core §3.1.3.6: the left half of the token's hash, by the hash of the algorithm; SHA-512 for Ed25519. */
function leftHalf(alg: SigningAlgorithm, token: string): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(token)
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
