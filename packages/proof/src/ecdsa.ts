/**
 * ECDSA signatures in two notations. A JWS has r and s as 32 bytes each (RFC 7518 §3.4, IEEE P1363); OpenSSL has a DER
 * SEQUENCE of two INTEGERs (RFC 3279 §2.2.3). Converting here is cheaper than asking node:crypto for it: its option
 * object imports the key again at every call on Node 24.
 */

/** @returns 64 bytes; undefined when the text is not the DER of a P-256 signature */
export function derToP1363(der: Uint8Array): Uint8Array | undefined {
  const p1363 = new Uint8Array(64)
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined
  const s = writeInteger(der, 2, p1363, 32)
  return s !== undefined && writeInteger(der, s, p1363, 64) === der.length ? p1363 : undefined
}

/** Copies the INTEGER at `at` so that it ends before `end`. @returns where the next element starts */
function writeInteger(der: Uint8Array, at: number, target: Uint8Array, end: number): number | undefined {
  const length = der[at + 1]
  if (der[at] !== 0x02 || length === undefined) return undefined
  const next = at + 2 + length
  let from = at + 2
  while (from < next - 1 && der[from] === 0) from++
  if (next > der.length || next - from > 32) return undefined
  for (let i = next - 1, to = end - 1; i >= from; i--, to--) target[to] = der[i] as number
  return next
}

/** @returns the DER; undefined unless there are 64 bytes */
export function p1363ToDer(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== 64) return undefined
  const r = integerLength(signature, 0)
  const s = integerLength(signature, 32)
  const der = new Uint8Array(6 + r + s)
  der[0] = 0x30
  der[1] = 4 + r + s
  readInteger(signature, 32, der, 2, r)
  readInteger(signature, 64, der, 4 + r, s)
  return der
}

/** Bytes of the shortest INTEGER: no leading zeros, but one where the first bit would read as a sign. */
function integerLength(signature: Uint8Array, start: number): number {
  let skipped = 0
  while (skipped < 31 && signature[start + skipped] === 0) skipped++
  return 32 - skipped + ((signature[start + skipped] as number) >> 7)
}

function readInteger(signature: Uint8Array, end: number, der: Uint8Array, at: number, length: number): void {
  der[at] = 0x02
  der[at + 1] = length
  const digits = Math.min(length, 32)
  for (let i = 1; i <= digits; i++) der[at + 2 + length - i] = signature[end - i] as number
}
