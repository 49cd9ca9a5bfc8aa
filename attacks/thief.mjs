/** Keys, proofs and requests: what a client does, and a thief with it. */
import { createHash, randomUUID } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'

export const VERIFIER = 'a-verifier-that-only-the-client-knows-0123456789'
export const challengeOf = (verifier) => createHash('sha256').update(verifier).digest('base64url')

export async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { privateKey, jwk, secretJwk: await exportJWK(privateKey), jkt: await calculateJwkThumbprint(jwk) }
}

export const ath = (token) => createHash('sha256').update(token).digest('base64url')

/** A DPoP proof; `undefined` leaves a claim or header out. */
export async function proof(key, method, url, { claims = {}, header = {} } = {}) {
  const payload = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000), ...claims }
  const protectedHeader = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk, ...header }
  const clean = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  if (protectedHeader.alg === 'ES256') return new SignJWT(clean(payload)).setProtectedHeader(clean(protectedHeader)).sign(key.privateKey)
  // What no library signs, such as alg none.
  const encode = (value) => Buffer.from(JSON.stringify(clean(value))).toString('base64url')
  return `${encode(protectedHeader)}.${encode(payload)}.`
}

export async function post(url, fields, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields),
  })
  const text = await response.text()
  let body = {}
  try {
    body = JSON.parse(text)
  } catch {}
  return { status: response.status, headers: response.headers, text, body }
}

/** Sends JSON, as to the registration endpoint. */
export async function sendJson(url, value, { method = 'POST', headers = {} } = {}) {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  const init = { method, redirect: 'manual', headers: { 'content-type': 'application/json', ...headers }, body }
  const response = await fetch(url, init)
  return { status: response.status, body: await response.json().catch(() => ({})) }
}

/** Posts over TLS of a connection of its own, with the certificate of `held` or with none. */
export function postTls(url, fields, held, headers = {}) {
  const { hostname, port, pathname } = new URL(url)
  const certificate = held === undefined ? {} : { cert: held.certificate, key: held.key }
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const options = { method: 'POST', hostname, port, path: pathname, agent: false, rejectUnauthorized: false, ...certificate }
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ ...options, headers: { ...type, ...headers } }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }))
    })
    sent.on('error', reject).end(String(new URLSearchParams(fields)))
  })
}

export const basic = (clientId, secret) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

/** A JWT for ten minutes, with a `jti` of its own. */
export function signed(key, claims, header = {}) {
  const now = Math.floor(Date.now() / 1000)
  const payload = { jti: randomUUID(), iat: now, exp: now + 600, ...claims }
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', ...header }).sign(key.privateKey)
}

/** What a client with `private_key_jwt` adds to its form. */
export async function asserted(key, clientId, issuer, { claims = {}, header = {} } = {}) {
  const assertion = await signed(key, { iss: clientId, sub: clientId, aud: issuer, ...claims }, header)
  return { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion }
}

/** What an answer says, in a few characters. */
export const told = ({ status, body }) => `${status} ${body.error ?? (body.access_token === undefined ? '' : 'with tokens')}`.trim()

/** Posts with a proof, and once more with the nonce that the server asks for. */
export async function postWithProof(url, fields, key, options = {}, headers = {}) {
  const send = async (nonce) =>
    post(url, fields, { dpop: await proof(key, 'POST', url, { ...options, claims: { nonce, ...options.claims } }), ...headers })
  const first = await send(undefined)
  return first.body.error === 'use_dpop_nonce' ? send(first.headers.get('dpop-nonce')) : first
}

/** A browser: cookies by name, no redirect followed by itself. */
export class Browser {
  cookies = new Map()

  async go(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...(cookie && { cookie }), ...init.headers } })
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';')
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    return { status: response.status, location: response.headers.get('location') ?? undefined, text: await response.text() }
  }

  submit(page, url, fields) {
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    return this.go(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf, ...fields }),
    })
  }
}
