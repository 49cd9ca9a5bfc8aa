import type { EpochSeconds } from '@holdfast/protocol/time'
import { type DpopRefusal, normaliseTarget, parseJws } from '@holdfast/proof'
import { MismatchError, shown } from './refusal.ts'

/** What the proof was compared with. */
interface Compared {
  readonly header: string
  readonly method: string
  /** Where this API is, as it is configured, the first one first. */
  readonly urls: readonly string[]
  readonly now: EpochSeconds
}

const CLOCK = 'compare the clock of this machine (NTP) with that of the client'

/**
 * A proof's refusal with the values that its reader needs. Only a refused proof is read again here; it costs nobody else.
 * That `htu` is wrong behind a proxy is the most frequent fault with DPoP, and its answer stands in the refusal: what the
 * client sent and what we compare it with are no secrets.
 */
export function explained(refusal: DpopRefusal, { header, method, urls, now }: Compared): DpopRefusal | MismatchError {
  const payload = parseJws(header, { maxLength: header.length })?.payload ?? {}
  const { code, description, rule, check } = refusal
  if (check === 'htm') return new MismatchError(code, description, { rule, received: shown(payload['htm']), expected: [method] })
  if (check === 'htu') {
    const told = `htu in the proof is ${shown(payload['htu'])}, this API is ${shown(urls[0])}`
    const hint = hintFor(payload['htu'], urls)
    return new MismatchError(code, hint === undefined ? told : `${told}: ${hint}`, {
      rule,
      detail: hint,
      received: shown(payload['htu']),
      expected: urls,
    })
  }
  if (check === 'iat age' || check === 'iat ahead') {
    const { iat } = payload
    const skewSeconds = typeof iat === 'number' ? Math.round(iat - now) : undefined
    return new MismatchError(code, description, { rule, detail: CLOCK, skewSeconds })
  }
  return refusal
}

/** What the operator sets. Nothing is taken from `Host` or `X-Forwarded-*`, which anybody can send. */
function hintFor(htu: unknown, urls: readonly string[]): string | undefined {
  const sent = typeof htu === 'string' ? normaliseTarget(htu) : undefined
  const own = normaliseTarget(urls[0] ?? '')
  if (sent === undefined || own === undefined) return undefined
  const [received, expected] = [new URL(sent), new URL(own)]
  const prefix = received.pathname.endsWith(expected.pathname) ? received.pathname.slice(0, -expected.pathname.length) : undefined
  if (prefix !== undefined && prefix !== '') return 'where a proxy takes that prefix away, the operator sets publicPath of the guard'
  if (received.origin !== expected.origin) return 'the operator sets publicUrl of the guard to the origin that clients call'
  return undefined
}
