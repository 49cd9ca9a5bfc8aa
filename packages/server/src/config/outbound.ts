/**
 * The port through which the server asks others: key sets of clients, documents that clients publish, notices to them.
 * It never throws for what the other side did or failed to do: that is an `OutboundRefusal`.
 */
export interface Outbound {
  get(url: string, wanted: OutboundGet): Promise<OutboundReply | OutboundRefusal>
  post(url: string, body: string, wanted: OutboundPost): Promise<OutboundReply | OutboundRefusal>
}

export interface OutboundGet {
  /** The media type that is asked for. What came may be another: look at `content-type`. */
  readonly accept: string
  /** The most bytes of a body. @default 65536 */
  readonly maxBytes?: number
}

export interface OutboundPost {
  readonly contentType: string
  /** What else is sent, such as `authorization`; what belongs to the connection cannot be set. */
  readonly headers?: Readonly<Record<string, string>>
  readonly accept?: string
  /** @default 65536 */
  readonly maxBytes?: number
}

/** An answer of any status but a redirect (3xx), which is refused. */
export interface OutboundReply {
  readonly status: number
  /** In lower case, of several values the joined ones; never `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type OutboundReason =
  /** The URL itself: not https, a user name, a fragment. */
  | 'url'
  /** The host resolves to, or the connection led to, an address that is not public and not listed. */
  | 'address'
  | 'dns'
  | 'connect'
  | 'tls'
  /** What came is not HTTP, or ended too early. */
  | 'protocol'
  | 'redirect'
  | 'timeout'
  /** The headers or the body. */
  | 'too_large'
  /** A content encoding, which we did not ask for: what is small on the wire may be huge. */
  | 'encoding'
  /** Too many at once, in all or to this host. */
  | 'busy'
  /** A document was wanted, and the status is not 200. */
  | 'status'
  /** A document that cannot be read. */
  | 'document'
  /** It failed a moment ago and is not tried again yet. */
  | 'held'

/** Why nothing came back that can be used. */
export class OutboundRefusal {
  readonly reason: OutboundReason
  /** For the operator's log alone: told to outsiders it would map a private network. */
  readonly detail: string

  constructor(reason: OutboundReason, detail: string) {
    this.reason = reason
    this.detail = detail
  }
}

/** Why it was not taken, in words for the operator; undefined when it was. */
export function failureOf(reply: OutboundReply | OutboundRefusal): string | undefined {
  if (reply instanceof OutboundRefusal) return `${reply.reason}: ${reply.detail}`
  return reply.status < 300 ? undefined : `status ${reply.status}`
}

const FOR_GOOD: ReadonlySet<OutboundReason> = new Set(['url', 'address', 'redirect'])

/** What the other side refused it will refuse again, and so will we what leads to a wrong place: that is not tried again. */
export function isFinal(reply: OutboundReply | OutboundRefusal): boolean {
  if (reply instanceof OutboundRefusal) return FOR_GOOD.has(reply.reason)
  return reply.status >= 400 && reply.status < 500 && reply.status !== 429
}

/** One entry of the allow-list, read. */
export type AllowedTarget =
  | { readonly kind: 'host'; readonly host: string; readonly port: number }
  | { readonly kind: 'network'; readonly family: 'ipv4' | 'ipv6'; readonly address: string; readonly prefix: number }

/** A wider network would not be an exception but the end of the guard. */
const WIDEST = { ipv4: 8, ipv6: 7 } as const
const ENTRY = 'must be a host such as keys.example.internal or localhost:8443, an address, or a network such as 10.20.0.0/16'
const NAME = /^[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/

/**
 * Reads an entry: `host` (port 443), `host:port`, an address, or a network in CIDR notation.
 *
 * @returns a sentence that tells what is wrong with it
 */
export function readAllowedTarget(entry: string): AllowedTarget | string {
  if (entry.length > 300) return ENTRY
  const slash = entry.indexOf('/')
  const address = addressOf(slash === -1 ? entry : entry.slice(0, slash))
  if (slash !== -1) {
    const prefix = entry.slice(slash + 1)
    if (address === undefined || !/^(?:0|[1-9][0-9]{0,2})$/.test(prefix)) return ENTRY
    const bits = Number(prefix)
    if (bits > (address.family === 'ipv4' ? 32 : 128)) return `has a prefix longer than an address: ${ENTRY}`
    if (bits < WIDEST[address.family]) return `is wider than /${WIDEST[address.family]}: list the networks that are meant`
    return { kind: 'network', ...address, prefix: bits }
  }
  if (address !== undefined) return { kind: 'network', ...address, prefix: address.family === 'ipv4' ? 32 : 128 }
  const [, name = '', digits] = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::([0-9]{1,5}))?$/.exec(entry) ?? []
  const bracketed = name.startsWith('[') && addressOf(name) !== undefined
  const port = digits === undefined ? 443 : Number(digits)
  if (!(bracketed || NAME.test(name)) || !URL.canParse(`https://${name}`) || port < 1 || port > 65535) return ENTRY
  return { kind: 'host', host: new URL(`https://${name}`).hostname, port }
}

/** An address in its usual spelling, in brackets or not; a number such as 10.1 is none here. */
function addressOf(text: string): { readonly family: 'ipv4' | 'ipv6'; readonly address: string } | undefined {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text))
    return URL.canParse(`https://${text}`) && new URL(`https://${text}`).hostname === text ? { family: 'ipv4', address: text } : undefined
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  if (!bare.includes(':') || !/^[0-9A-Fa-f:.]+$/.test(bare) || !URL.canParse(`https://[${bare}]`)) return undefined
  return { family: 'ipv6', address: new URL(`https://[${bare}]`).hostname.slice(1, -1) }
}
