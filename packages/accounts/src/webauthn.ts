/**
 * The two checks of WebAuthn Level 3 (§7.1, §7.2), by the library. It takes a fifth of a second and 25 MB to load, so it is loaded when the
 * first response comes: who has no passkeys never has it.
 */
import type { PasskeyPlace } from '@holdfast/server'
import type { AssertionResponse, RegistrationResponse } from './webauthn-response.ts'

/** COSE: EdDSA, ES256, RS256. */
export const ALGORITHMS: readonly number[] = [-8, -7, -257]

export interface MadeCredential {
  /** base64url, as is the COSE key. */
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly backupEligible: boolean
  readonly backedUp: boolean
}

/** What a right signature says; whether the counter and the eligibility may be these is for who has the record. */
export type ProvenAssertion = Pick<MadeCredential, 'counter' | 'backupEligible' | 'backedUp'>

/** @returns undefined when it is no credential that was made here, with this challenge and with user verification */
export async function proveRegistration(
  { rpId, origin }: PasskeyPlace,
  challenge: string,
  { id, clientDataJSON, attestationObject }: RegistrationResponse,
): Promise<MadeCredential | undefined> {
  const { verifyRegistrationResponse, decodeAttestationObject } = await library()
  return unlessRefused(async () => {
    if (isFramed(clientDataJSON) || !isUnattested(decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')))))
      return undefined
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON, attestationObject } },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    })
    // The library takes the id beside the attested one as it comes.
    if (!verified || registrationInfo.credential.id !== id) return undefined
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo
    return {
      credentialId: id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
    }
  })
}

/** @returns undefined when it is no assertion of this key, made here with this challenge and with user verification */
export async function proveAssertion(
  { rpId, origin }: PasskeyPlace,
  challenge: string,
  { id, clientDataJSON, authenticatorData, signature }: AssertionResponse,
  publicKey: string,
): Promise<ProvenAssertion | undefined> {
  const { verifyAuthenticationResponse } = await library()
  return unlessRefused(async () => {
    if (isFramed(clientDataJSON)) return undefined
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      // No counter here: the library compares it before it has checked the signature, and anybody could send an old one.
      credential: { id, publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64url')), counter: 0 },
    })
    if (!verified) return undefined
    const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo
    return { counter: newCounter, backupEligible: credentialDeviceType === 'multiDevice', backedUp: credentialBackedUp }
  })
}

type Library = Pick<typeof import('@simplewebauthn/server'), 'verifyRegistrationResponse' | 'verifyAuthenticationResponse'> &
  Pick<typeof import('@simplewebauthn/server/helpers'), 'decodeAttestationObject'>

async function library(): Promise<Library> {
  const [{ verifyRegistrationResponse, verifyAuthenticationResponse }, { decodeAttestationObject }] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ])
  return { verifyRegistrationResponse, verifyAuthenticationResponse, decodeAttestationObject }
}

/** The library refuses by throwing, as do the decoders within it at whatever bytes were sent. */
async function unlessRefused<T>(check: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await check()
  } catch {
    return undefined
  }
}

/** Our pages are in nobody's frame; a response out of one was begged for by another site. The library looks at `topOrigin` only. */
function isFramed(clientDataJSON: string): boolean {
  const { crossOrigin, topOrigin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')) as Record<string, unknown>
  return (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined
}

/**
 * We ask for no attestation, and get none or the credential's own signature (`packed` without a certificate). Others stop here: their
 * certificates are chosen by whoever sends them, and the library would fetch the revocation lists that those name (A51).
 */
export function isUnattested(object: { get(key: 'fmt'): unknown; get(key: 'attStmt'): { get(key: 'x5c'): unknown } }): boolean {
  const format = object.get('fmt')
  return format === 'none' || (format === 'packed' && object.get('attStmt').get('x5c') === undefined)
}
