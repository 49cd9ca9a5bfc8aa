import { createHash, randomBytes } from 'node:crypto'
import { encodeCBOR } from '@levischuck/tiny-cbor'
import { type CoseAlgorithm, type CredentialKey, newCredentialKey } from './credential-key.ts'
import type { Misbehaviour } from './misbehaviour.ts'

export type { CoseAlgorithm } from './credential-key.ts'
export type { Misbehaviour } from './misbehaviour.ts'

/** The JSON of a `PublicKeyCredential` (WebAuthn Level 3 §5.1); what a page sends is its text. */
export interface CredentialJson {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly authenticatorAttachment: 'platform'
  readonly clientExtensionResults: Readonly<Record<string, unknown>>
  readonly response: Readonly<Record<string, unknown>>
}

/** What a passkey of this authenticator is like. */
export interface AuthenticatorKind {
  /** As one that a provider copies (BE and BS), which has no counter. Otherwise it stays on its device, and counts. */
  readonly synced?: boolean
  readonly algorithm?: CoseAlgorithm
}

interface Credential {
  readonly id: Buffer
  readonly key: CredentialKey
  readonly rpId: string
  readonly userHandle: string
  counter: number
}

/**
 * An authenticator and the browser before it, in memory: makes discoverable credentials and assertions of them, as a page gets
 * them from `navigator.credentials`. Without a knob turned it refuses what they refuse, by throwing.
 */
export class SoftwareAuthenticator {
  readonly #origin: string
  readonly #synced: boolean
  readonly #algorithm: CoseAlgorithm
  readonly #credentials: Credential[] = []

  /** @param origin of the page that asks, such as `https://as.example` */
  constructor(origin: string, { synced = false, algorithm = -7 }: AuthenticatorKind = {}) {
    this.#origin = origin
    this.#synced = synced
    this.#algorithm = algorithm
  }

  /** How many passkeys it holds. */
  get size(): number {
    return this.#credentials.length
  }

  /** @param options as JSON for `navigator.credentials.create`. @throws {DOMException} as the browser does */
  create(options: Readonly<Record<string, unknown>>, knobs: Misbehaviour = {}): CredentialJson {
    const { challenge, rp, user, excludeCredentials = [] } = options as unknown as CreationOptions
    const rpId = this.#rpIdOf(rp.id, knobs)
    if (excludeCredentials.some(({ id }) => this.#holds(id))) throw new DOMException('it holds one of them already', 'InvalidStateError')
    const key = newCredentialKey(this.#algorithm)
    const credential: Credential = { id: randomBytes(32), key, rpId, userHandle: user.id, counter: 0 }
    // The newest first, as browsers list them; one for each person, as WebAuthn Level 3 §6.3.2 says.
    const before = this.#credentials.findIndex((one) => one.rpId === rpId && one.userHandle === user.id)
    if (before >= 0) this.#credentials.splice(before, 1)
    this.#credentials.unshift(credential)
    const clientData = this.#clientData('webauthn.create', challenge, knobs)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(credential.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, credential.id, encodeCBOR(new Map(key.publicKey))])
    const authData = this.#authenticatorData(credential, knobs, attested)
    const { attestation = 'none' } = knobs
    const sig = Uint8Array.from(key.sign(Buffer.concat([authData, sha256(clientData)])))
    const statement = new Map<string, number | Uint8Array>()
    if (attestation !== 'none') statement.set('alg', this.#algorithm).set('sig', sig)
    const object = encodeCBOR(
      new Map<string, string | Uint8Array | typeof statement>([
        ['fmt', attestation],
        ['attStmt', statement],
        ['authData', Uint8Array.from(authData)],
      ]),
    )
    return credentialJson(credential, {
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: Buffer.from(object).toString('base64url'),
      transports: this.#synced ? ['hybrid', 'internal'] : ['internal'],
    })
  }

  /** @param options as JSON for `navigator.credentials.get`. @throws {DOMException} as the browser does */
  get(options: Readonly<Record<string, unknown>>, knobs: Misbehaviour = {}): CredentialJson {
    const { challenge, rpId: asked, allowCredentials = [] } = options as unknown as RequestOptions
    const rpId = this.#rpIdOf(asked, {})
    const credential = this.#credentials.find(
      (one) =>
        one.rpId === rpId && (allowCredentials.length === 0 || allowCredentials.some(({ id }) => id === one.id.toString('base64url'))),
    )
    if (credential === undefined) throw new DOMException('it holds none of them', 'NotAllowedError')
    if (!this.#synced) credential.counter++
    const clientData = this.#clientData('webauthn.get', challenge, knobs)
    const authenticatorData = this.#authenticatorData(credential, knobs)
    const key = knobs.wrongSignature === true ? newCredentialKey(this.#algorithm) : credential.key
    const { userHandle = credential.userHandle } = knobs
    return credentialJson(credential, {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: key.sign(Buffer.concat([authenticatorData, sha256(clientData)])).toString('base64url'),
      ...(userHandle === null ? {} : { userHandle }),
    })
  }

  #holds(id: string): boolean {
    return this.#credentials.some((one) => one.id.toString('base64url') === id)
  }

  /** WebAuthn Level 3 §5.1.3: the page's own host or one above it; public suffixes are not known here. */
  #rpIdOf(asked: string | undefined, { rpId }: Misbehaviour): string {
    const host = new URL(this.#origin).hostname
    const id = asked ?? host
    if (rpId === undefined && id !== host && !host.endsWith(`.${id}`))
      throw new DOMException(`${id} is not the host of the page`, 'SecurityError')
    return id
  }

  #clientData(type: string, challenge: string, knobs: Misbehaviour): Buffer {
    const { origin = this.#origin, crossOrigin = false, topOrigin } = knobs
    return Buffer.from(
      JSON.stringify({
        type: knobs.type ?? type,
        challenge: knobs.challenge ?? challenge,
        origin,
        crossOrigin,
        ...(topOrigin !== undefined && { topOrigin }),
      }),
    )
  }

  /** WebAuthn Level 3 §6.1. */
  #authenticatorData(credential: Credential, knobs: Misbehaviour, attested?: Buffer): Buffer {
    const { userPresent = true, userVerified = true, backupEligible = this.#synced, backedUp = this.#synced } = knobs
    const bits = [userPresent && 0x01, userVerified && 0x04, backupEligible && 0x08, backedUp && 0x10, attested !== undefined && 0x40]
    const tail = Buffer.alloc(5)
    tail.writeUInt8(
      bits.reduce<number>((sum, bit) => sum + Number(bit), 0),
      0,
    )
    tail.writeUInt32BE(knobs.counter ?? credential.counter, 1)
    return Buffer.concat([sha256(knobs.rpId ?? credential.rpId), tail, attested ?? Buffer.alloc(0)])
  }
}

interface Descriptor {
  readonly id: string
}

interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id?: string }
  readonly user: { readonly id: string }
  readonly excludeCredentials?: readonly Descriptor[]
}

interface RequestOptions {
  readonly challenge: string
  readonly rpId?: string
  readonly allowCredentials?: readonly Descriptor[]
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}

function credentialJson({ id }: Credential, response: Readonly<Record<string, unknown>>): CredentialJson {
  const text = id.toString('base64url')
  return { id: text, rawId: text, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {}, response }
}
