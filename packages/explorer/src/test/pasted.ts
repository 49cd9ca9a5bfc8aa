import type { Members } from '../encoding.ts'
import { newSigningKey, signJws, type SigningKey } from '../keys.ts'
import type { PasteOptions } from '../paste/check.ts'
import { paste, type Pasted } from '../paste/paste.ts'
import { newProof } from '../proof.ts'

export const NOW = 1_800_000_000
export const ISSUER = 'https://as.example'
export const API = 'https://api.example/accounts'
export const CLAIMS: Members = {
  iss: ISSUER,
  aud: API,
  sub: 'u',
  client_id: 'c',
  jti: 'j',
  iat: NOW - 10,
  exp: NOW + 290,
  scope: 'accounts:read',
}

/** One key signs tokens, the other is the holder's: top-level await, so that every test has them. */
export const issuer: SigningKey = await newSigningKey()
export const holder: SigningKey = await newSigningKey()
export const keys: readonly Members[] = [{ ...issuer.publicJwk, kid: 'k1', alg: 'ES256', use: 'sig' }]

export const token = (claims: Members = {}, header: Members = {}): Promise<string> =>
  signJws({ typ: 'at+jwt', alg: 'ES256', kid: 'k1', ...header }, { ...CLAIMS, ...claims }, issuer)
export const proofOf = (over: { claims?: Members; header?: Members; token?: string } = {}): Promise<string> =>
  newProof({ key: holder, method: 'GET', url: API, now: NOW * 1000, ...over })
export const look = (text: string, options: Partial<PasteOptions> = {}): Promise<Pasted> => paste(text, { now: NOW * 1000, ...options })
export const full = (text: string, options: Partial<PasteOptions> = {}): Promise<Pasted> =>
  look(text, { issuer: ISSUER, audience: API, keys, ...options })
export const said = ({ checks }: Pasted, state: string): readonly string[] =>
  checks.filter((one) => one.state === state).map(({ say }) => say)
export const bad = (pasted: Pasted): readonly string[] => said(pasted, 'bad')
