import { type JwsAlgorithm, RSA_BITS, ruleOf } from './algorithms.ts'
import { decodeBase64url } from './base64url.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

/**
 * A public key (RFC 7517, RFC 7518 §6, RFC 8037 §2) with its required members and no others, each checked for its
 * shape. That a point lies on its curve is found out by importing it.
 */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }

/** Why a JWK is not taken: `private` when it carries secret members, and a sentence for its developer. */
export interface JwkFault {
  readonly fault: 'private' | 'unsupported' | 'malformed'
  readonly reason: string
}

/** Members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4), and `priv` of newer key types. */
const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * Points of order 8 or less on Curve25519, in hex with the sign bit cleared.
 * Under such a key one signature fits every message, so a token bound to it would be bound to nobody.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '00'.repeat(31) + '00',
  '01' + '00'.repeat(31),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ec' + 'ff'.repeat(30) + '7f',
  'ed' + 'ff'.repeat(30) + '7f',
  'ee' + 'ff'.repeat(30) + '7f',
])

/** Takes a public key of a supported kind; a key that shows its private half is refused (RFC 9449 §4.3-7). Never throws. */
export function checkPublicJwk(jwk: unknown): PublicJwk | JwkFault {
  const secret = isJsonObject(jwk) ? privateMemberOf(jwk) : undefined
  if (secret !== undefined) return { fault: 'private', reason: `holds the private member ${secret}` }
  return readPublicJwk(jwk)
}

export function isJwkFault(jwk: PublicJwk | JwkFault): jwk is JwkFault {
  return 'fault' in jwk
}

/** The name of a member that only private or symmetric keys have. */
export function privateMemberOf(jwk: JsonObject): string | undefined {
  return PRIVATE_MEMBERS.find((member) => Object.hasOwn(jwk, member))
}

/** The public members of a JWK, whatever else it has. */
export function readPublicJwk(jwk: unknown): PublicJwk | JwkFault {
  if (!isJsonObject(jwk)) return malformed('is not a JSON object')
  const { kty, crv, x, y, n, e } = jwk
  if (kty === 'EC') {
    if (crv !== 'P-256') return unsupported('of kty EC must have crv P-256')
    if (!is32Bytes(x) || !is32Bytes(y)) return malformed('of kty EC must have x and y of 32 bytes each, in base64url without padding')
    return { kty, crv, x, y }
  }
  if (kty === 'OKP') {
    if (crv !== 'Ed25519') return unsupported('of kty OKP must have crv Ed25519')
    if (!is32Bytes(x)) return malformed('of kty OKP must have x of 32 bytes, in base64url without padding')
    return hasSmallOrder(x) ? malformed('is a point of small order') : { kty, crv, x }
  }
  if (kty === 'RSA') {
    const fault = rsaFault(n, e)
    return fault === undefined ? { kty, n: n as string, e: e as string } : malformed(fault)
  }
  return unsupported('must have kty EC, OKP or RSA')
}

/** RFC 7518 §3 and RFC 8037 §3.1: an algorithm takes one kind of key and no other. */
export function jwkFits(jwk: PublicJwk, alg: JwsAlgorithm): boolean {
  const rule = ruleOf(alg)
  return jwk.kty === rule.kty && (jwk.kty === 'RSA' || jwk.crv === rule.crv)
}

/** The text whose SHA-256 is the thumbprint (RFC 7638 §3.2): required members only, sorted by name, no white space. */
export function thumbprintInput(jwk: PublicJwk): string {
  // Every value is base64url or one of our constants, so nothing needs escaping.
  if (jwk.kty === 'EC') return `{"crv":"${jwk.crv}","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`
  if (jwk.kty === 'OKP') return `{"crv":"${jwk.crv}","kty":"OKP","x":"${jwk.x}"}`
  return `{"e":"${jwk.e}","kty":"RSA","n":"${jwk.n}"}`
}

/** 43 characters, of which the last has two bits to spare that must be zero. */
const BYTES_32 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

function is32Bytes(value: unknown): value is string {
  return typeof value === 'string' && BYTES_32.test(value)
}

/** RFC 7518 §6.3.1: big-endian, as few bytes as possible. The exponent is bounded since it sets what a verification costs. */
function rsaFault(n: unknown, e: unknown): string | undefined {
  if (typeof n !== 'string' || typeof e !== 'string' || n.length > RSA_BITS.max / 6 + 2 || e.length > 6)
    return `of kty RSA must have n of ${RSA_BITS.min} to ${RSA_BITS.max} bits and e of at most 32 bits`
  const modulus = decodeBase64url(n)
  const exponent = decodeBase64url(e)
  if (modulus === undefined || exponent === undefined) return 'of kty RSA must have n and e in base64url without padding'
  const lead = modulus[0] ?? 0
  if (lead === 0 || exponent[0] === 0) return 'of kty RSA must have n and e without leading zero bytes'
  const bits = modulus.length * 8 - Math.clz32(lead) + 24
  if (bits < RSA_BITS.min || bits > RSA_BITS.max) return `of kty RSA must have n of ${RSA_BITS.min} to ${RSA_BITS.max} bits`
  const odd = (exponent.at(-1) ?? 0) & 1
  if (odd === 0 || (exponent.length === 1 && exponent[0] === 1)) return 'of kty RSA must have an odd e of 3 or more'
  return undefined
}

function hasSmallOrder(x: string): boolean {
  const bytes = decodeBase64url(x) ?? new Uint8Array(32)
  bytes[31] = (bytes[31] as number) & 0x7f
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return SMALL_ORDER.has(hex)
}

function malformed(reason: string): JwkFault {
  return { fault: 'malformed', reason }
}

function unsupported(reason: string): JwkFault {
  return { fault: 'unsupported', reason }
}
