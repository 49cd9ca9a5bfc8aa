import { hashed, type HashName, isMembers, textOf, toBase64url, toHex, utf8 } from '../encoding.ts'
import type { TakenApart } from './jwt.ts'
import { canonicalJwk } from './thumbprint.ts'

/** One step in which something is made, with exactly what came out of it. */
export interface ConstructionStep {
  readonly id: string
  readonly title: string
  readonly say: string
  readonly standard: string
  /** The text that came out; hexadecimal where it is bytes. */
  readonly text: string
  readonly bytes: Uint8Array | undefined
  /** The steps whose outcome went in. */
  readonly from: readonly string[]
}

const step = (
  id: string,
  title: string,
  say: string,
  standard: string,
  out: string | Uint8Array,
  ...from: readonly string[]
): ConstructionStep => ({
  id,
  title,
  say,
  standard,
  text: typeof out === 'string' ? out : toHex(out),
  bytes: typeof out === 'string' ? undefined : out,
  from,
})

interface SignatureWords {
  readonly hash: HashName | undefined
  readonly way: string
}

const ALGORITHMS: Readonly<Record<string, SignatureWords>> = {
  ES256: { hash: 'SHA-256', way: 'ECDSA on the curve P-256: two numbers of 32 bytes, R and S, one after the other' },
  ES384: { hash: 'SHA-384', way: 'ECDSA on the curve P-384: two numbers of 48 bytes, R and S, one after the other' },
  ES512: { hash: 'SHA-512', way: 'ECDSA on the curve P-521: two numbers of 66 bytes, R and S, one after the other' },
  PS256: { hash: 'SHA-256', way: 'RSA with the padding PSS' },
  RS256: { hash: 'SHA-256', way: 'RSA with the padding of PKCS #1 v1.5' },
  EdDSA: { hash: undefined, way: 'Ed25519, which hashes by itself: 64 bytes' },
  Ed25519: { hash: undefined, way: 'Ed25519, which hashes by itself: 64 bytes' },
}

/** How this very JWT was put together, from its own bytes. A part that cannot be read has no step. */
export async function constructionOf(jwt: TakenApart): Promise<readonly ConstructionStep[]> {
  const { header, payload, signingInput, signature } = jwt
  if (header.json === undefined || payload?.json === undefined || signingInput === undefined) return []
  const alg = textOf(header.members, 'alg') ?? 'none'
  const steps = [
    step('header', 'Header', 'Says what kind of JWT this is and how it is signed.', 'RFC 7515 §4', header.json),
    step(
      'header64',
      'Header in base64url',
      'Its UTF-8 bytes, in characters that pass through any header or URL.',
      'RFC 7515 §3.3',
      header.encoded,
      'header',
    ),
    step('payload', 'Claims', 'What the signer says.', 'RFC 7519 §4', payload.json),
    step(
      'payload64',
      'Claims in base64url',
      'Its UTF-8 bytes. Anybody can read them: base64url hides nothing.',
      'RFC 7515 §3.3',
      payload.encoded,
      'payload',
    ),
    step(
      'input',
      'Signing input',
      'Both with a dot between them. These bytes are signed, so no character of them can change.',
      'RFC 7515 §5.1',
      signingInput,
      'header64',
      'payload64',
    ),
  ]
  const words = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined
  if (words?.hash !== undefined)
    steps.push(
      step('hash', words.hash, `${words.hash} of the signing input.`, 'RFC 7518 §3', await hashed(signingInput, words.hash), 'input'),
    )
  if (signature !== undefined)
    steps.push(
      step(
        'signature',
        'Signature',
        `${words?.way ?? `alg is ${alg}`}. Made with the private key ${signerWords(jwt)}.`,
        'RFC 7518 §3',
        signature,
        words?.hash === undefined ? 'input' : 'hash',
      ),
      step('text', 'The JWT', 'Signing input, a dot, and the signature in base64url.', 'RFC 7515 §7.1', jwt.text, 'input', 'signature'),
    )
  return steps
}

/** Which private key made the signature, by where its public half is. */
export function signerWords({ header: { members } }: TakenApart): string {
  if (isMembers(members?.['jwk'])) return 'whose public half stands in the header as jwk'
  const kid = textOf(members, 'kid')
  return kid === undefined ? 'of the signer; the header does not say which one' : `that its owner publishes under the kid ${kid}`
}

/** RFC 7638: how the thumbprint of a key is made. Empty for a key that has none. */
export async function thumbprintSteps(jwk: object): Promise<readonly ConstructionStep[]> {
  const canonical = canonicalJwk(jwk)
  if (canonical === undefined) return []
  return hashSteps(canonical, {
    id: 'jwk',
    title: 'The key, written in the one agreed way',
    say: 'Only the members that make the key, sorted by name, without spaces: so everybody writes the same text.',
    standard: 'RFC 7638 §3',
    result: 'Thumbprint (jkt)',
  })
}

/** RFC 9449 §4.2: how a proof names the access token that it goes with. */
export function athSteps(token: string): Promise<readonly ConstructionStep[]> {
  return hashSteps(token, {
    id: 'token',
    title: 'The access token',
    say: 'Its characters as they stand in the Authorization header.',
    standard: 'RFC 9449 §4.2',
    result: 'ath',
  })
}

/** RFC 7636 §4.2: from the verifier, which stays, to the challenge, which is sent first. */
export function challengeSteps(verifier: string): Promise<readonly ConstructionStep[]> {
  return hashSteps(verifier, {
    id: 'verifier',
    title: 'code_verifier',
    say: 'Random, and kept by the client until it redeems the code.',
    standard: 'RFC 7636 §4.2',
    result: 'code_challenge',
  })
}

/** OpenID Connect Core §3.1.3.6: the left half of the hash that belongs to the ID token's alg. */
export async function atHashSteps(token: string, alg: string): Promise<readonly ConstructionStep[]> {
  const name = hashOfAlg(alg)
  const bytes = await hashed(token, name)
  const half = bytes.slice(0, bytes.length / 2)
  return [
    step('token', 'The access token', 'Its characters as they stand in the answer.', 'OpenID Connect Core §3.1.3.6', token),
    step('hash', name, `The hash that belongs to ${alg}.`, 'OpenID Connect Core §3.1.3.6', bytes, 'token'),
    step('half', 'Its left half', `The first ${half.length} bytes.`, 'OpenID Connect Core §3.1.3.6', half, 'hash'),
    step('at_hash', 'at_hash', 'The half in base64url.', 'OpenID Connect Core §3.1.3.6', toBase64url(half), 'half'),
  ]
}

/** Ed25519 hashes by SHA-512 inside, and so its at_hash does. */
function hashOfAlg(alg: string): HashName {
  if (alg === 'EdDSA' || alg === 'Ed25519' || alg.endsWith('512')) return 'SHA-512'
  return alg.endsWith('384') ? 'SHA-384' : 'SHA-256'
}

interface HashWords {
  readonly id: string
  readonly title: string
  readonly say: string
  readonly standard: string
  readonly result: string
}

async function hashSteps(text: string, { id, title, say, standard, result }: HashWords): Promise<readonly ConstructionStep[]> {
  const bytes = await hashed(text)
  return [
    step(id, title, say, standard, text),
    step('hash', 'SHA-256', `SHA-256 of these ${utf8(text).length} bytes.`, standard, bytes, id),
    step('result', result, 'The hash in base64url.', standard, toBase64url(bytes), 'hash'),
  ]
}
