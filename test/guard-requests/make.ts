import { constants, createHash, createHmac, randomUUID, sign as signWith } from 'node:crypto'
import { thumbprint } from '@holdfast/proof/node'
import { ISSUER, ORIGIN, RESOURCE, START } from './apis.ts'
import { CLIENT_KEY, ISSUER_KEY, type Key } from './keys.ts'
import type { Sent } from './row.ts'

/** Members in place of the usual ones; `undefined` leaves one out. */
export type Over = Readonly<Record<string, unknown>>

/** A JWS as told, good or bad: it signs with whatever key under whatever name of an algorithm. */
export function jws(header: Over, payload: unknown, key: Key): string {
  return jwsOf(encoded(header), encoded(payload), key, String(header['alg']))
}

/** The same of segments that need not be JSON. */
export function jwsOf(header: string, payload: string, key: Key, alg: string = key.alg): string {
  return `${header}.${payload}.${signature(`${header}.${payload}`, key, alg).toString('base64url')}`
}

export function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signature(input: string, { alg: own, privateKey, publicJwk }: Key, alg: string): Buffer {
  const data = Buffer.from(input)
  if (alg === 'none') return Buffer.alloc(0)
  // The oldest confusion: the public key, which everybody has, as the secret of a MAC.
  if (alg === 'HS256') return createHmac('sha256', JSON.stringify(publicJwk)).update(data).digest()
  if (own === 'EdDSA') return signWith(null, data, privateKey)
  if (own === 'RS256') return signWith('sha256', data, privateKey)
  if (own === 'PS256')
    return signWith('sha256', data, {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    })
  return signWith('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
}

/** An access token that is bound to nothing: `Bearer`. */
export function bearerToken(claims: Over = {}, header: Over = {}, key: Key = ISSUER_KEY): string {
  const payload = {
    iss: ISSUER,
    aud: RESOURCE,
    sub: 'u_ada',
    client_id: 'web',
    iat: START,
    exp: START + 300,
    jti: randomUUID(),
    scope: 'accounts:read',
    ...claims,
  }
  return jws({ typ: 'at+jwt', alg: key.alg, kid: { ES256: 'es', RS256: 'rs', PS256: 'ps' }[key.alg] ?? 'ed', ...header }, payload, key)
}

/** One that is bound to a key. */
export function boundToken(claims: Over = {}, key: Key = CLIENT_KEY): string {
  return bearerToken({ cnf: { jkt: thumbprint(key.publicJwk) }, ...claims })
}

/** A right proof for a GET of `/api/accounts` with this token. */
export function proofFor(token: string, claims: Over = {}, header: Over = {}, key: Key = CLIENT_KEY): string {
  const ath = createHash('sha256').update(token).digest('base64url')
  const payload = { jti: randomUUID(), htm: 'GET', htu: `${ORIGIN}/api/accounts`, iat: START, ath, ...claims }
  return jws({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...header }, payload, key)
}

/** A request with these lines. */
export function ask(target: string, headers: Sent['headers'] = [], method = 'GET', body?: string): Sent {
  return { method, target, headers, ...(body !== undefined && { body }) }
}

export function withBearer(token: string, target = '/api/accounts', more: Sent['headers'] = []): Sent {
  return ask(target, [['Authorization', `Bearer ${token}`], ...more])
}

export function withProof(token: string, proof: string, target = '/api/accounts', method = 'GET'): Sent {
  return ask(
    target,
    [
      ['Authorization', `DPoP ${token}`],
      ['DPoP', proof],
    ],
    method,
  )
}

/** A new bound token, with a proof that is as told. */
export function proved(claims: Over = {}, header: Over = {}, key: Key = CLIENT_KEY): Sent {
  const token = boundToken({}, key)
  return withProof(token, proofFor(token, claims, header, key))
}
