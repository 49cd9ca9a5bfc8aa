import type { Line } from './exchange.ts'

/** The page that makes a request, as far as its headers tell. */
export interface Initiator {
  readonly url: URL
  /** The last policy of its `Referrer-Policy` header. @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy: string
}

/** Scheme and registrable domain; without a public suffix list the last two labels are it. */
export function siteOf(url: URL): string {
  const host = url.hostname
  if (host.startsWith('[') || /^[\d.]+$/.test(host)) return `${url.protocol}//${host}`
  return `${url.protocol}//${host.split('.').slice(-2).join('.')}`
}

/** `Sec-Fetch-Site` (Fetch Metadata §2.3): the farthest step of the whole chain of redirects. `none`: a person typed the address. */
export function secFetchSite(initiator: URL | undefined, chain: readonly URL[]): 'none' | 'same-origin' | 'same-site' | 'cross-site' {
  if (initiator === undefined) return 'none'
  if (chain.some((url) => siteOf(url) !== siteOf(initiator))) return 'cross-site'
  return chain.some((url) => url.origin !== initiator.origin) ? 'same-site' : 'same-origin'
}

/**
 * `Origin` as browsers send it with anything but GET and HEAD (Fetch §3.1). A page under `no-referrer`
 * posts with `null`, even to itself; so does what another origin redirected.
 */
export function originLine(initiator: Initiator | undefined, method: string, chain: readonly URL[]): readonly Line[] {
  if (method === 'GET' || method === 'HEAD') return []
  if (initiator === undefined || isTainted(initiator.url, chain)) return [['Origin', 'null']]
  const target = chain.at(-1) as URL
  const { url, referrerPolicy } = initiator
  const downgrade = url.protocol === 'https:' && target.protocol !== 'https:'
  const hidden =
    referrerPolicy === 'no-referrer' ||
    (referrerPolicy === 'same-origin' && url.origin !== target.origin) ||
    (downgrade && ['no-referrer-when-downgrade', 'strict-origin', 'strict-origin-when-cross-origin'].includes(referrerPolicy))
  return [['Origin', hidden ? 'null' : url.origin]]
}

/** Fetch §4.4 step 13: a redirect from an origin that is not the initiator's to a third one. */
function isTainted(initiator: URL, chain: readonly URL[]): boolean {
  return chain.some((url, i) => i > 0 && url.origin !== chain[i - 1]?.origin && chain[i - 1]?.origin !== initiator.origin)
}

/** `Referer` (Referrer Policy §8). */
export function refererLine(initiator: Initiator | undefined, target: URL): readonly Line[] {
  if (initiator === undefined || !initiator.url.protocol.startsWith('http')) return []
  const { url, referrerPolicy: policy } = initiator
  const same = url.origin === target.origin
  const downgrade = url.protocol === 'https:' && target.protocol !== 'https:'
  const full = `${url.origin}${url.pathname}${url.search}`
  const origin = `${url.origin}/`
  const value = {
    'no-referrer': undefined,
    'same-origin': same ? full : undefined,
    origin,
    'strict-origin': downgrade ? undefined : origin,
    'origin-when-cross-origin': same ? full : origin,
    'no-referrer-when-downgrade': downgrade ? undefined : full,
    'unsafe-url': full,
  }[policy] as string | undefined
  const otherwise = same ? full : downgrade ? undefined : origin
  const sent = POLICIES.has(policy) ? value : otherwise
  return sent === undefined ? [] : [['Referer', sent]]
}

const POLICIES: ReadonlySet<string> = new Set([
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'no-referrer-when-downgrade',
  'unsafe-url',
])

/**
 * Whether a page's policy lets a form go there (CSP3 §6.4.2), redirects included, as Chromium has it.
 *
 * @param policies every line of the page's `Content-Security-Policy`
 */
export function formActionAllows(policies: readonly string[], page: URL, target: URL): boolean {
  return policies
    .flatMap((line) => line.split(','))
    .every((policy) => {
      const directive = policy
        .split(';')
        .map((one) => one.trim().split(/\s+/))
        .find(([name]) => name?.toLowerCase() === 'form-action')
      return directive === undefined || directive.slice(1).some((source) => sourceAllows(source.toLowerCase(), page, target))
    })
}

function sourceAllows(source: string, page: URL, target: URL): boolean {
  if (source === "'none'") return false
  if (source === "'self'") return target.origin === page.origin
  if (source === '*') return ['http:', 'https:', page.protocol].includes(target.protocol)
  if (/^[a-z][a-z0-9+.-]*:$/.test(source)) return target.protocol === source
  if (!URL.canParse(source)) return false
  const allowed = new URL(source)
  if (allowed.origin !== target.origin) return false
  return (
    allowed.pathname === '/' ||
    (allowed.pathname.endsWith('/') ? target.pathname.startsWith(allowed.pathname) : target.pathname === allowed.pathname)
  )
}
