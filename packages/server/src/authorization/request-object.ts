import type { Form } from '@holdfast/protocol/form'
import { limitOf } from '@holdfast/protocol/limits'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, type ParsedJws, parseJws } from '@holdfast/proof'
import type { Client, SigningAlgorithm } from '../config/client.ts'
import { underFapi } from '../config/profile.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { decryptRequestObject, looksEncrypted } from './request-object-decryption.ts'
import { requestObjectClaimsFault } from './request-object-claims.ts'
import { requestObjectForm } from './request-object-form.ts'
import { invalidRequestObject } from './request-object-refusal.ts'

/** The algorithms that request objects may have: never `none` (JAR-01), and RS256 not under FAPI 2.0 (§5.4.1). */
export const REQUEST_OBJECT_ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'RS256']

/** JAR-08: its own type, or none; never a JWT made for something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'oauth-authz-req+jwt'])

/**
 * Reads request objects (RFC 9101). One may be used again while it lasts: RFC 9101 asks for no `jti`, and whoever can
 * repeat it can repeat the whole URL, signed or not. A pushed one is used once, by its `request_uri` (PAR-17).
 */
export class RequestObjects {
  readonly #issuer: string
  readonly #clock: Clock
  readonly #keys: KeyRing
  readonly #clientKeys: ClientKeys

  constructor(issuer: string, clock: Clock, keys: KeyRing, clientKeys: ClientKeys) {
    this.#issuer = issuer
    this.#clock = clock
    this.#keys = keys
    this.#clientKeys = clientKeys
  }

  /**
   * The parameters of a request object that this client signed, as if they had come in a form; nothing outside it
   * counts (JAR-04). At most 32768 characters, encrypted or not.
   */
  async read(text: string, client: Client, witness?: Witness): Promise<Form | OAuthError> {
    const tell = tellerOf('request object', witness)
    const signed = looksEncrypted(text) ? tell('encryption', 'JAR-06', await decryptRequestObject(text, this.#keys)) : text
    if (signed instanceof OAuthError) return signed
    const jws = tell('compact JWS', 'JAR-01', parseJws(signed, { maxLength: limitOf('request') }) ?? notCompact())
    if (jws instanceof OAuthError) return jws
    const header = firstRefusal('request object', headerChecks, { jws, client }, witness)
    if (header !== undefined) return header
    const unverified = tell('signature', 'JAR-05', await this.#checkSignature(jws, client))
    if (unverified !== undefined) return unverified
    const fault = requestObjectClaimsFault(jws.payload, client, this.#issuer, this.#clock.now(), witness)
    return fault ?? tell('parameters', 'JAR-10', requestObjectForm(jws.payload))
  }

  async #checkSignature(jws: ParsedJws, client: Client): Promise<OAuthError | undefined> {
    const { alg } = jws.header
    const unverified = isJwsAlgorithm(alg) ? await this.#clientKeys.checkSignature(client, jws, alg) : 'its alg is unknown'
    if (unverified === undefined) return undefined
    return invalidRequestObject('the signature of the request object is by no registered key of the client', 'JAR-05', unverified)
  }
}

interface Sent {
  readonly jws: ParsedJws
  readonly client: Client
}

const headerChecks: readonly NamedCheck<Sent, OAuthError>[] = [
  { name: 'typ', rule: 'JAR-08', check: checkTyp },
  { name: 'alg', rule: 'JAR-05', check: checkAlg },
]

function checkTyp({ jws: { header } }: Sent): OAuthError | undefined {
  if (TYPES.has(header['typ'])) return undefined
  return invalidRequestObject('typ of the request object must be oauth-authz-req+jwt, JWT or absent', 'JAR-08')
}

function checkAlg({ jws: { header }, client }: Sent): OAuthError | undefined {
  const { alg } = header
  const allowed = client.requestObjectSigningAlg === undefined ? REQUEST_OBJECT_ALGORITHMS : [client.requestObjectSigningAlg]
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  if (!allowed.some((one) => one === named) || (underFapi(client) && named === 'RS256'))
    return invalidRequestObject('alg of the request object is not allowed to this client', 'JAR-05')
  return undefined
}

function notCompact(): OAuthError {
  return invalidRequestObject('the request object is not a compact JWS (RFC 9101 §5)', 'JAR-01')
}
