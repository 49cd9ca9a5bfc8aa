import { type Clock, type Seconds, systemClock } from '@holdfast/protocol/time'

/** How a middleware tells a route, which shares no memory with it, whom it let in. */
export interface Handover {
  /** At least 32 random bytes, the same for both. */
  readonly secret: Uint8Array
  readonly clock?: Clock
}

export const ACCESS_HEADER = 'holdfast-access'
const LIFETIME: Seconds = 30

/** Only for the token and the proof of this very request, and not for long: what leaks into a log opens nothing. */
export async function sealed(access: unknown, request: Request, { secret, clock = systemClock }: Handover): Promise<string> {
  const said = `${clock.now() + LIFETIME} ${encodeURIComponent(JSON.stringify(access))}`
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await keyOf(secret), bound(said, request)))
  return `${btoa(String.fromCharCode(...mac))} ${said}`
}

/** What the middleware let in for this request, as JSON carries it; undefined when it let in nothing. Await this before the route does anything. */
export async function handedAccess<T>(request: Request, handover: Handover): Promise<T | undefined> {
  checkSecret(handover)
  const { secret, clock = systemClock } = handover
  const [, mac = '', said = '', until = '', access = ''] =
    /^([\w+/]{43}=) ((\d+) (\S+))$/.exec(request.headers.get(ACCESS_HEADER) ?? '') ?? []
  if (!(Number(until) >= clock.now())) return undefined
  const bytes = Uint8Array.from(atob(mac), (character) => character.charCodeAt(0))
  const valid = await crypto.subtle.verify('HMAC', await keyOf(secret), bytes, bound(said, request))
  return valid ? (JSON.parse(decodeURIComponent(access)) as T) : undefined
}

function bound(said: string, { headers }: Request): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(['holdfast handover', said, headers.get('authorization'), headers.get('dpop')].join('\n'))
}

/** @throws {RangeError} a short secret can be guessed */
export function checkSecret({ secret }: Handover): void {
  if (secret.length < 32) throw new RangeError('the secret between middleware and routes must have at least 32 bytes')
}

function keyOf(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', Uint8Array.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
