import type { ClientAuthenticationMethod } from './method.ts'
import { attestation, attestationWithDpop } from './attestation/index.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { none } from './none.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { selfSignedTlsClientAuth } from './self-signed-tls-client-auth.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

/** Every method, in the order of preference that discovery shows. */
export const METHODS: readonly ClientAuthenticationMethod[] = [
  privateKeyJwt,
  tlsClientAuth,
  selfSignedTlsClientAuth,
  attestation,
  attestationWithDpop,
  clientSecretBasic,
  clientSecretPost,
  none,
]
