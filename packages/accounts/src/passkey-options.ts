import type { Account, PasskeyPlace } from '@holdfast/server'
import type { Stored } from '@holdfast/store'
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialDescriptorJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { PasskeyRecord } from './records.ts'
import { ALGORITHMS } from './webauthn.ts'
import { knownTransports } from './webauthn-response.ts'

/** Milliseconds: WebAuthn Level 3 §15.1 asks for five to ten minutes, so that nobody is hurried (WCAG 2.2.1). */
const TIMEOUT = 300_000

type Json = Readonly<Record<string, unknown>>

/** Written here and not by the library: every sign-in page has one, and would load it. */
export function requestOptions({ rpId }: PasskeyPlace, challenge: string, passkeys: readonly Stored<PasskeyRecord>[]): Json {
  const options: PublicKeyCredentialRequestOptionsJSON = {
    challenge,
    rpId,
    timeout: TIMEOUT,
    userVerification: 'required',
    allowCredentials: passkeys.map(descriptor),
  }
  return { ...options }
}

export function creationOptions(
  { rpId, rpName }: PasskeyPlace,
  challenge: string,
  { sub, username, displayName }: Account,
  passkeys: readonly Stored<PasskeyRecord>[],
): Json {
  const options: PublicKeyCredentialCreationOptionsJSON = {
    challenge,
    rp: { id: rpId, name: rpName },
    user: { id: handleOf(sub), name: username, displayName },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: 'public-key' })),
    timeout: TIMEOUT,
    attestation: 'none',
    // `requireResidentKey` is what older browsers know.
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    excludeCredentials: passkeys.map(descriptor),
  }
  return { ...options }
}

/** The person, as authenticators keep it: `sub`, which is random and no name (WebAuthn Level 3 §14.6.1). */
export function handleOf(sub: string): string {
  return Buffer.from(sub).toString('base64url')
}

function descriptor({ value: { credentialId, transports } }: Stored<PasskeyRecord>): PublicKeyCredentialDescriptorJSON {
  return { id: credentialId, type: 'public-key', transports: [...knownTransports(transports)] }
}
