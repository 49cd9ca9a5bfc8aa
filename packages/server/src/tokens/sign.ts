import { createHash } from 'node:crypto'
import { newSecret } from '@holdfast/protocol/secret'
import type { SigningAlgorithm } from '../config/client.ts'
import type { DerivedKeys } from '../keys/derived.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import { answerJwt } from '../keys/encrypted.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { GrantReferences } from './grant-reference.ts'
import type { ServerChange } from '../records.ts'
import type { Authentication, Issuance, TokenResponse } from './issuance.ts'
import { opaqueToken } from './opaque-token.ts'
import { formatRefreshToken } from './refresh-token.ts'
import type { Confirmation } from './sender-constraint.ts'
import { actorFor } from './actor.ts'
import type { Subjects } from './subjects.ts'

/** Our private claim: which grant the token stands under, readable by us alone. */
export const GRANT_CLAIM = 'holdfast_grant'
/** Our private claim: names of the tokens that this one was exchanged from. */
export const EXCHANGED_CLAIM = 'holdfast_exchanged_from'

/** Our private claim in ID tokens of pairwise clients: whom they are about, readable by us alone. */
export const REFERENCE_CLAIM = 'holdfast_subject'

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
  readonly #subjects: Subjects
  readonly #clientKeys: ClientKeys

  constructor(
    issuer: string,
    from: {
      readonly ring: KeyRing
      readonly derived: DerivedKeys
      readonly references: GrantReferences
      readonly subjects: Subjects
      readonly clientKeys: ClientKeys
    },
  ) {
    const { ring, derived, references, subjects, clientKeys } = from
    this.#issuer = issuer
    this.#ring = ring
    this.#derived = derived
    this.#references = references
    this.#subjects = subjects
    this.#clientKeys = clientKeys
  }

  /**
   * At once, but for a client whose ID tokens are encrypted.
   *
   * @throws as `encryptTo`
   */
  sign(issuance: Issuance): Signed | Promise<Signed> {
    const opaque = issuance.format === 'opaque' ? opaqueToken(issuance) : undefined
    const accessToken = opaque?.text ?? this.#accessToken(issuance)
    const changes = opaque === undefined ? [] : [opaque.change]
    const idToken = issuance.idToken === undefined ? undefined : this.#idToken(issuance, issuance.idToken, accessToken)
    return idToken instanceof Promise
      ? idToken.then((text) => ({ response: this.#response(issuance, accessToken, text), changes }))
      : { response: this.#response(issuance, accessToken, idToken), changes }
  }

  #response(issuance: Issuance, accessToken: string, idToken: string | undefined): TokenResponse {
    const { refreshToken, authorizationDetails = [] } = issuance
    return {
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
      ...(idToken === undefined ? {} : { id_token: idToken }),
      ...(authorizationDetails.length === 0 ? {} : { authorization_details: authorizationDetails }),
      ...issuance.response,
    }
  }

  /** RFC 9068 §2.2. No personal data (TOK-15): the subject is a reference. */
  #accessToken(issuance: Issuance): string {
    const { audience, scopes, confirmation, authentication, authorizationDetails = [], actor, exchangedFrom = [] } = issuance
    const { client } = issuance
    const { mayAct } = client
    // Its client can read a JWT, so a pairwise one finds there what it finds everywhere. Whom it is about, the grant tells us.
    const pairwise = client.pairwiseSector !== undefined && issuance.grantId !== undefined
    return this.#ring.signer(ACCESS_TOKEN_ALG).sign('at+jwt', {
      iss: this.#issuer,
      sub: pairwise ? this.#subjects.subjectFor(client, issuance.subject) : issuance.subject,
      aud: audience.length === 1 ? audience[0] : audience,
      client_id: client.clientId,
      iat: issuance.issuedAt,
      exp: issuance.expiresAt,
      jti: newSecret(),
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(authentication === undefined ? {} : claimsOf(authentication)),
      ...(authorizationDetails.length === 0 ? {} : { authorization_details: authorizationDetails }),
      ...(actor === undefined ? {} : { act: actorFor(this.#subjects, client, actor) }),
      ...(mayAct === undefined ? {} : { may_act: mayAct }),
      ...(exchangedFrom.length === 0 ? {} : { [EXCHANGED_CLAIM]: exchangedFrom }),
      ...(confirmation === undefined ? {} : { cnf: cnfOf(confirmation) }),
      ...(issuance.grantId === undefined ? {} : { [GRANT_CLAIM]: this.#references.make(issuance.grantId, audience[0] as string) }),
    })
  }

  /** OpenID Connect Core §2. Claims about the person come from userinfo (OIDC-33), unless they were asked for here by name. */
  #idToken(issuance: Issuance, wanted: NonNullable<Issuance['idToken']>, accessToken: string): string | Promise<string> {
    const { client, subject } = issuance
    const { sid } = wanted
    const alg = client.idTokenSignedResponseAlg
    const form = { typ: 'JWT', alg, encryption: client.idTokenEncryptedResponse } as const
    return answerJwt({ keys: this.#ring, clientKeys: this.#clientKeys }, client, form, {
      // First: whatever they are called, what the protocol says is ours to say.
      ...wanted.claims,
      iss: this.#issuer,
      sub: this.#subjects.subjectFor(client, subject),
      aud: client.clientId,
      iat: issuance.issuedAt,
      exp: wanted.expiresAt,
      ...(wanted.nonce === undefined ? {} : { nonce: wanted.nonce }),
      ...(issuance.authentication === undefined ? {} : claimsOf(issuance.authentication)),
      ...(sid === undefined ? {} : { sid: this.#subjects.sidFor(client, sid) }),
      ...(client.pairwiseSector === undefined ? {} : { [REFERENCE_CLAIM]: this.#subjects.reference(client.clientId, subject, sid) }),
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
