import { BlockList, isIP } from 'node:net'
import { OutboundRefusal, readAllowedTarget } from '../config/outbound.ts'
import { embedded, type Family, familyOf, isLoopbackAddress, isPrivate, isPublic } from './address.ts'

/** Where a request goes, read from its URL. */
export interface Target {
  readonly url: URL
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** The operator listed this host and port by name. */
  readonly named: boolean
}

/** The exceptions that an operator made: hosts and networks that are private and meant to be asked. */
export class AllowList {
  readonly #hosts: Set<string> = new Set()
  /** Of each family its own: a list with both would take 10.0.0.1 for ::ffff:10.0.0.1, and open it with ::ffff:0:0/96. */
  readonly #networks: Readonly<Record<Family, BlockList>> = { ipv4: new BlockList(), ipv6: new BlockList() }

  /** @throws {TypeError} an entry is neither a host nor an address nor a network */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const read = readAllowedTarget(entry)
      if (typeof read === 'string') throw new TypeError(`outbound.allow: ${entry} ${read}`)
      if (read.kind === 'host') this.#hosts.add(`${read.host}:${read.port}`)
      else this.#networks[read.family].addSubnet(read.address, read.prefix, read.family)
    }
  }

  names(url: URL, port: number): boolean {
    return this.#hosts.has(`${url.hostname}:${port}`)
  }

  #lists(address: string): boolean {
    const family = familyOf(address)
    return family !== undefined && this.#networks[family].check(address, family)
  }

  /**
   * Whether a connection to an address may be made. Of an IPv6 address that leads to an IPv4 one, both must pass:
   * who lists 64:ff9b::/96 for DNS64 does not open 10.0.0.0/8 through it.
   */
  permits(address: string, target: Pick<Target, 'named' | 'secure'>): boolean {
    if (familyOf(address) === undefined) return false
    if (!target.secure && !isLoopbackAddress(address)) return false
    return [address, ...embedded(address)].every((one) => isPublic(one) || this.#lists(one) || (target.named && isPrivate(one)))
  }
}

const LOOPBACK_NAME = /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/

/** REG-13, CIMD-09: https, no user name, no fragment; plain http for a loopback host that is listed, and nobody else. */
export function readTarget(text: string, allowed: AllowList): Target | OutboundRefusal {
  // Beside control characters, a backslash is read as a slash by some and not by others.
  if (text.length > 2048 || !/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(text) || !URL.canParse(text))
    return new OutboundRefusal('url', 'it is not an absolute https URL of at most 2048 characters')
  const url = new URL(text)
  // An empty user name too, which the URL no longer shows.
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return new OutboundRefusal('url', 'it carries a user name or password')
  if (text.includes('#')) return new OutboundRefusal('url', 'it has a fragment')
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const named = allowed.names(url, port)
  if (!secure && !(named && LOOPBACK_NAME.test(url.hostname)))
    return new OutboundRefusal('url', 'http is for a loopback host that outbound.allow lists with its port')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !allowed.permits(host, { named, secure }))
    return new OutboundRefusal('address', `${host} is not a public address`)
  return { url, host, port, secure, named }
}
