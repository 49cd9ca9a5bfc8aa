import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { connect, type Lookup, lookupBySystem, resolve, type ResolvedAddress } from './connect.ts'
import { Deadline } from './deadline.ts'
import { exchange, type Message } from './exchange.ts'
import { Slots } from './slots.ts'
import { AllowList, readTarget } from './target.ts'

export interface OutboundOptions {
  /** Hosts (`host`, `host:port`), addresses and networks that may be asked though they are private. */
  readonly allow?: readonly string[]
  /** For the whole exchange: DNS, connection, TLS, headers, body. @default 5000 */
  readonly deadlineMilliseconds?: number
  /** Exchanges at once. @default 32 */
  readonly most?: number
  /** Exchanges at once with one host and port. @default 4 */
  readonly mostPerHost?: number
  /** PEM of certificate authorities that are trusted beside those of the system (`NODE_EXTRA_CA_CERTS` counts among them). */
  readonly ca?: readonly string[]
  readonly lookup?: Lookup
}

const MAX_BYTES = 64 * 1024

/**
 * The one guarded client for requests of the server's own (REG-13, CIMD-09): https alone, addresses of the internet alone,
 * no redirects, no proxy, no cookies, no compression, one connection for one request, an end to time, size and number.
 *
 * @throws {TypeError} an entry of `allow` cannot be read
 */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const { deadlineMilliseconds = 5000, most = 32, mostPerHost = 4, ca = [], lookup = lookupBySystem } = options
  const allowed = new AllowList(options.allow ?? [])
  const slots = new Slots(most, mostPerHost)
  let made: SecureContext | undefined
  // Made when it is first needed: reading every authority takes a while.
  const secureContext = (): SecureContext =>
    (made ??= createSecureContext({ minVersion: 'TLSv1.2', ...(ca.length > 0 && { ca: [...getCACertificates('default'), ...ca] }) }))

  async function send(url: string, message: Message): Promise<OutboundReply | OutboundRefusal> {
    const target = readTarget(url, allowed)
    if (target instanceof OutboundRefusal) return target
    const release = slots.take(`${target.host}:${target.port}`)
    if (release === undefined) return new OutboundRefusal('busy', `${target.host}: too many requests are on their way`)
    const deadline = new Deadline(deadlineMilliseconds)
    // A lookup cannot be called off: its slot stays taken until the system gave up, or lookups would pile up.
    const looked = resolve(target, allowed, lookup)
    try {
      const addresses = await inTime(looked, deadline)
      if (addresses === undefined)
        return new OutboundRefusal('timeout', `${target.host}: it was not resolved within ${deadline.milliseconds} ms`)
      if (addresses instanceof OutboundRefusal) return addresses
      const socket = await connect(target, addresses, allowed, secureContext(), deadline)
      return socket instanceof OutboundRefusal ? socket : await exchange(socket, target, message, deadline)
    } finally {
      deadline.clear()
      void looked.then(release, release)
    }
  }

  return {
    get: (url, { accept, maxBytes = MAX_BYTES }) => send(url, { method: 'GET', headers: { accept }, body: undefined, maxBytes }),
    post: (url, body, { contentType, headers = {}, accept = '*/*', maxBytes = MAX_BYTES }) =>
      send(url, { method: 'POST', headers: { ...headers, accept, 'content-type': contentType }, body, maxBytes }),
  }
}

type Addresses = readonly ResolvedAddress[] | OutboundRefusal

/** @returns undefined when the deadline came first */
function inTime(looked: Promise<Addresses>, deadline: Deadline): Promise<Addresses | undefined> {
  return new Promise((settle, fail) => {
    const disarm = deadline.whenPassed(() => settle(undefined))
    looked.then(settle, fail).finally(disarm)
  })
}
