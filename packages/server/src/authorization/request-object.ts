import type { Form } from '@holdfast/protocol/form'
import { limitOf } from '@holdfast/protocol/limits'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock } from '@holdfast/protocol/time'
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
  async read(text: string, client: Client): Promise<Form | OAuthError> {
    const signed = looksEncrypted(text) ? await decryptRequestObject(text, this.#keys) : text
    if (signed instanceof OAuthError) return signed
    const jws = parseJws(signed, { maxLength: limitOf('request') })
    if (jws === undefined) return invalidRequestObject('the request object is not a compact JWS (RFC 9101 §5)', 'JAR-01')
    const header = headerFault(jws, client)
    if (header !== undefined) return header
    const { alg } = jws.header
    const unverified = isJwsAlgorithm(alg) ? await this.#clientKeys.checkSignature(client, jws, alg) : 'its alg is unknown'
    if (unverified !== undefined)
      return invalidRequestObject('the signature of the request object is by no registered key of the client', 'JAR-05', unverified)
    const fault = requestObjectClaimsFault(jws.payload, client, this.#issuer, this.#clock.now())
    return fault ?? requestObjectForm(jws.payload)
  }
}

function headerFault({ header }: ParsedJws, client: Client): OAuthError | undefined {
  const { alg, typ } = header
  if (!TYPES.has(typ)) return invalidRequestObject('typ of the request object must be oauth-authz-req+jwt, JWT or absent', 'JAR-08')
  const allowed = client.requestObjectSigningAlg === undefined ? REQUEST_OBJECT_ALGORITHMS : [client.requestObjectSigningAlg]
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  if (!allowed.some((one) => one === named) || (underFapi(client) && named === 'RS256'))
    return invalidRequestObject('alg of the request object is not allowed to this client', 'JAR-05')
  return undefined
}
