import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AsyncNonceCheck, DpopInput, DpopProof } from '@holdfast/proof'
import type { Verify } from './token.ts'

/** The cryptography of a runtime: node:crypto answers at once, WebCrypto later. */
export interface GuardEngine<Nonces extends AsyncNonceCheck = AsyncNonceCheck> {
  readonly verify: Verify
  readonly checkProof: (input: DpopInput<Nonces>) => DpopProof | OAuthError | Promise<DpopProof | OAuthError>
  /** SHA-256 of a certificate in DER, base64url (RFC 8705 §3.1). */
  readonly certificateThumbprint: (der: Uint8Array) => string | Promise<string>
  readonly nonces: (secret: Uint8Array) => Nonces & { issue(now: EpochSeconds): string | Promise<string> }
}
