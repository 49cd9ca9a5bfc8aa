import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'

/** GET /jwks: every key that may have signed something still valid, those about to sign, and those to encrypt to. Never a private member. */
export async function jwks(as: AuthorizationServer, _request: HttpRequest): Promise<Reply> {
  await as.keys.refresh()
  const keys = [...as.keys.published(), ...as.keys.decryption()].map((key) => key.publicJwk)
  return {
    status: 200,
    headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=300' },
    body: JSON.stringify({ keys }),
  }
}
