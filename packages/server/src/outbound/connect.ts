import { lookup as systemLookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type SecureContext } from 'node:tls'
import { OutboundRefusal } from '../config/outbound.ts'
import type { Deadline } from './deadline.ts'
import type { AllowList, Target } from './target.ts'

export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** The addresses of a host, as the system tells them; it rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly ResolvedAddress[]>

export const lookupBySystem: Lookup = (host) => systemLookup(host, { all: true, order: 'verbatim' })

/** More than this of one host are not tried: each costs a part of the deadline. */
const MOST_ADDRESSES = 8

/**
 * The addresses of the target, looked up once and all of them permitted. One that is not permitted refuses the host: a mix
 * of public and private addresses is what rebinding looks like (A51).
 */
export async function resolve(target: Target, allowed: AllowList, lookup: Lookup): Promise<readonly ResolvedAddress[] | OutboundRefusal> {
  const family = isIP(target.host)
  if (family !== 0) return [{ address: target.host, family }]
  let found: readonly ResolvedAddress[]
  try {
    found = await lookup(target.host)
  } catch (error) {
    return new OutboundRefusal('dns', `${target.host} cannot be resolved: ${codeOf(error)}`)
  }
  const refused = found.find(({ address }) => !allowed.permits(address, target))
  if (refused !== undefined) return new OutboundRefusal('address', `${target.host} resolves to ${refused.address}, which is not public`)
  const [first, ...more] = found.slice(0, MOST_ADDRESSES)
  return first === undefined ? new OutboundRefusal('dns', `${target.host} has no address`) : [first, ...more]
}

/** Connects to one of the checked addresses and to no other; for https it is over when the certificate was verified. */
export async function connect(
  target: Target,
  addresses: readonly ResolvedAddress[],
  allowed: AllowList,
  secureContext: SecureContext,
  deadline: Deadline,
): Promise<Socket | OutboundRefusal> {
  const tcp = connectTcp({ host: target.host, port: target.port, lookup: pinned(addresses), autoSelectFamily: true })
  const connected = await opened(tcp, 'connect', deadline)
  if (connected !== undefined) return new OutboundRefusal(connected.late ? 'timeout' : 'connect', `${target.host}: ${connected.detail}`)
  // The last word has the connection itself: whatever was resolved, here is where the bytes would go.
  const { remoteAddress } = tcp
  if (remoteAddress === undefined || !allowed.permits(remoteAddress, target)) {
    tcp.destroy()
    return new OutboundRefusal('address', `${target.host} led to ${remoteAddress ?? 'no address'}, which is not public`)
  }
  if (!target.secure) return tcp
  const tls = connectTls({
    socket: tcp,
    host: target.host,
    ...(isIP(target.host) === 0 && { servername: target.host }),
    secureContext,
    // Said, since NODE_TLS_REJECT_UNAUTHORIZED in the environment must not switch it off.
    rejectUnauthorized: true,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(target.host, certificate),
    ALPNProtocols: ['http/1.1'],
  })
  const secured = await opened(tls, 'secureConnect', deadline)
  if (secured === undefined) return tls
  tcp.destroy()
  return new OutboundRefusal(secured.late ? 'timeout' : 'tls', `${target.host}: ${secured.detail}`)
}

/** Answers with what was checked, in the form that is asked for: all when families are tried in turn. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all === true) return callback(null, [...addresses])
    return first === undefined ? callback(new Error('no address'), '') : callback(null, first.address, first.family)
  }
}

/** Waits for a socket to open. @returns undefined when it did; otherwise it is destroyed */
function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  deadline: Deadline,
): Promise<{ late: boolean; detail: string } | undefined> {
  return new Promise((settle) => {
    const disarm = deadline.whenPassed(() => fail(new Error(`the deadline of ${deadline.milliseconds} ms passed`)))
    function fail(error: Error): void {
      disarm()
      socket.destroy()
      settle({ late: deadline.passed, detail: codeOf(error) })
    }
    // Stays: a socket without a listener for errors takes the process down.
    socket.on('error', fail)
    socket.once('close', () => fail(new Error('the connection was closed')))
    socket.once(event, () => {
      disarm()
      settle(undefined)
    })
  })
}

/** What happened, with the code where there is one; of several attempts each one's. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(codeOf).join(', ')
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return code === undefined || error.message.includes(code) ? error.message : `${code} ${error.message}`
}
