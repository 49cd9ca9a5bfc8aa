/** What every process of the bench agrees on. Keys are made anew for each run and handed over in a file. */
import { generateKeyPairSync } from 'node:crypto'

export const API = 'https://api.example/accounts'
export const REDIRECT_URI = 'https://app.example/callback'
export const PASSWORD = 'correct horse battery staple'
/** Its access tokens are opaque. */
export const OPAQUE_API = 'https://api.example/files'
/** Both servers know the same clients. */
export const FAPI_CLIENT = 'bench-fapi'
export const NATIVE_CLIENT = 'bench-native'
export const SECRET_CLIENT = 'bench-secret'
/** Machines: by a secret, and by private_key_jwt. */
export const MACHINE_CLIENT = 'bench-machine'
export const MACHINE_KEY_CLIENT = 'bench-machine-key'
/** The API whose tokens are opaque. */
export const API_CLIENT = 'bench-api'
/** Stands for `API`, and exchanges the tokens that it is called with for tokens of `NEXT_API`. */
export const EXCHANGE_CLIENT = 'bench-exchange'
export const NEXT_API = 'https://api.example/payments'
export const CLIENT_SECRET = 'a-secret-of-the-bench-that-is-long-enough-to-count'
export const CONNECTIONS = 32
/** Tokens of the guard's flows are made out by nobody but the bench. */
export const GUARD_ISSUER = 'https://as.example'

export function newWorld() {
  return { client: newKey('client'), peerSigning: newKey('peer'), guardSigning: newKey('guard') }
}

function newKey(kid) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
}

export function publicJwk({ d: _private, ...jwk }) {
  return jwk
}
