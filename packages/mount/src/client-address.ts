import { BlockList, isIP, SocketAddress } from 'node:net'

/**
 * Addresses of the proxies whose `X-Forwarded-For` is believed: IPv4 or IPv6 addresses, ranges in CIDR
 * notation, and `unix` for a proxy that comes through a Unix socket. By default none.
 */
export type TrustedProxies = readonly string[]

/** From the peer's address and the lines of `X-Forwarded-For`, in order, to the client's address. */
export type AddressOf = (peer: string | undefined, forwarded: () => readonly string[]) => string

/**
 * The client is the rightmost address that no trusted proxy stands for: what is left of it was written by
 * the client itself. An entry that is no address ends the walk at the proxy that wrote it.
 *
 * @returns `''` from that function when the peer has no address and no proxy spoke for it
 * @throws {TypeError} an entry is neither an address nor a range
 */
export function clientAddressBehind(trustedProxies: TrustedProxies = []): AddressOf {
  if (trustedProxies.length === 0) return (peer) => normalise(peer ?? '')
  const isTrusted = trustedAddress(trustedProxies)
  return (peer, forwarded) => {
    let address = normalise(peer ?? '')
    if (!isTrusted(address)) return address
    const entries = forwarded().join(',').split(',')
    while (isTrusted(address)) {
      const entry = entries.pop()
      const next = entry === undefined ? '' : normalise(withoutPort(entry.trim()))
      if (next === '') return address
      address = next
    }
    return address
  }
}

/** Whether an address, as `normalise` spells it, is one of the proxies; `''` is a Unix socket. */
function trustedAddress(entries: TrustedProxies): (address: string) => boolean {
  const trusted = blockList(entries)
  const unix = entries.includes('unix')
  return (address) => (address === '' ? unix : trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
}

/**
 * Whether a peer itself is one of the proxies, whatever it forwards.
 *
 * @throws {TypeError} an entry is neither an address nor a range
 */
export function peerIn(entries: TrustedProxies): (peer: string | undefined) => boolean {
  const isTrusted = trustedAddress(entries)
  return (peer) => isTrusted(normalise(peer ?? ''))
}

function blockList(entries: TrustedProxies): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    if (entry === 'unix') continue
    const [address = '', bits, ...more] = entry.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? undefined : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    const most = version === 6 ? 128 : 32
    if (version === 0 || more.length > 0 || (prefix !== undefined && !(prefix <= most)))
      throw new TypeError(`trustedProxies: ${JSON.stringify(entry)} is neither an address nor a range such as 10.0.0.0/8`)
    const family = version === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, prefix, family)
  }
  return list
}

/** One spelling for each address: an IPv4 client of a dual-stack socket is not someone else. `''` when it is no address. */
function normalise(address: string): string {
  if (isIP(address) === 4) return address
  const plain = address.replace(/%.*$/, '')
  if (isIP(plain) !== 6) return ''
  const canonical = new SocketAddress({ address: plain, family: 'ipv6' }).address
  return canonical.startsWith('::ffff:') && isIP(canonical.slice(7)) === 4 ? canonical.slice(7) : canonical
}

/** Some proxies write `203.0.113.7:51234` and `[2001:db8::1]:51234`. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)
  if (bracketed !== null) return bracketed[1] as string
  return /^[\d.]+:\d+$/.test(entry) ? entry.slice(0, entry.indexOf(':')) : entry
}
