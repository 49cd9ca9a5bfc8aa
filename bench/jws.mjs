/** Makes JWTs for the load: quick, and independent of the code that is measured. */
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export function base64url(text) {
  return Buffer.from(text).toString('base64url')
}

export function sha256(text) {
  return createHash('sha256').update(text).digest('base64url')
}

const run = randomBytes(9).toString('base64url')
let made = 0

/** Unlike every other of every run. */
export function unique() {
  return `${run}${randomBytes(6).toString('base64url')}${(made++).toString(36)}`
}

/** Signs payloads under one header with ES256. */
export function signer(header, key) {
  const segment = base64url(JSON.stringify(header))
  return (payload) => {
    const input = `${segment}.${base64url(JSON.stringify(payload))}`
    return `${input}.${toP1363(sign('sha256', Buffer.from(input), key)).toString('base64url')}`
  }
}

export function clientAssertions(jwk, clientId, issuer) {
  const make = signer({ alg: 'ES256', kid: jwk.kid }, createPrivateKey({ key: jwk, format: 'jwk' }))
  return () => {
    const now = Math.floor(Date.now() / 1000)
    return make({ iss: clientId, sub: clientId, aud: issuer, jti: unique(), iat: now, exp: now + 120 })
  }
}

/** A client instance's DPoP key: one for each connection, as real clients have one each. */
export function dpopKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const make = signer({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }, privateKey)
  return {
    jkt: sha256(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`),
    proof: (htm, htu, nonce, token) =>
      make({ jti: unique(), htm, htu, iat: Math.floor(Date.now() / 1000), nonce, ath: token === undefined ? undefined : sha256(token) }),
  }
}

function toP1363(der) {
  const out = Buffer.alloc(64)
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1]
    const integer = der.subarray(at + 2, at + 2 + length)
    const digits = integer.subarray(Math.max(0, integer.length - 32))
    out.set(digits, end - digits.length)
    at += 2 + length
  }
  return out
}
