import { decodeBase64url } from './base64url.ts'

/** SEC 2 §2.4.2, FIPS 186-4 §D.1.2.3: y² = x³ - 3x + b over the integers modulo p. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** Whether a point lies on P-256. WebCrypto leaves that to the runtime, and Deno imports whatever it is given (SEC 1 §3.2.2.1). */
export function isOnP256({ x, y }: { readonly x: string; readonly y: string }): boolean {
  const [a, b] = [numberOf(x), numberOf(y)]
  return a < P && b < P && (a * a * a - 3n * a + B - b * b) % P === 0n
}

function numberOf(text: string): bigint {
  let hex = '0x0'
  for (const byte of decodeBase64url(text) ?? []) hex += byte.toString(16).padStart(2, '0')
  return BigInt(hex)
}
