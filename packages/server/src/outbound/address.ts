import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** RFC 6890 with its later entries: what is not an ordinary host on the internet. */
const SPECIAL: BlockList = listOf([
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier's NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // looks public, and is the host of every Azure machine
  '169.254.0.0/16', // link local, and the metadata of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: whatever IPv4 address stands in it
  '3ffe::/16', // 6bone, returned
  '3fff::/20', // documentation
])
/** All that is assigned to hosts (RFC 4291 §2.4). Outside: loopback, mapped, NAT64, unique local, link and site local, multicast. */
const GLOBAL_UNICAST: BlockList = listOf(['2000::/3'])
const LOOPBACK: BlockList = listOf(['127.0.0.0/8', '::1/128'])
/** Where a host that an operator listed by name may be. */
const PRIVATE: BlockList = listOf(['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'])
/** The metadata of clouds within those: credentials for whoever asks. Only a listed network opens them. */
const METADATA: BlockList = listOf(['100.100.100.200/32', 'fd00:ec2::254/128', 'fd20:ce::254/128'])

export type Family = 'ipv4' | 'ipv6'

export function familyOf(address: string): Family | undefined {
  if (isIPv4(address)) return 'ipv4'
  // A zone names an interface of this machine.
  return isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined
}

/** An ordinary address of the internet, by itself: an IPv4 address within an IPv6 one is for `embedded`. */
export function isPublic(address: string): boolean {
  const family = familyOf(address)
  if (family === undefined || SPECIAL.check(address, family)) return false
  return family === 'ipv4' || GLOBAL_UNICAST.check(address, family)
}

export function isLoopbackAddress(address: string): boolean {
  return within(LOOPBACK, address)
}

export function isPrivate(address: string): boolean {
  return within(PRIVATE, address) && !within(METADATA, address)
}

function within(list: BlockList, address: string): boolean {
  const family = familyOf(address)
  return family !== undefined && list.check(address, family)
}

/** The IPv4 addresses that an IPv6 address leads to: mapped, translated (NAT64), 6to4, Teredo, ISATAP. */
export function embedded(address: string): readonly string[] {
  if (familyOf(address) !== 'ipv6') return []
  const groups = groupsOf(address)
  const [a, b, c, d, e, f, g, h] = groups as [number, number, number, number, number, number, number, number]
  const last = dotted(g, h)
  if (a === 0x2002) return [dotted(b, c)]
  if (a === 0x2001 && b === 0) return [dotted(c, d), dotted(g ^ 0xffff, h ^ 0xffff)]
  if (a === 0x64 && b === 0xff9b) return [last]
  // ::ffff:a.b.c.d, ::ffff:0:a.b.c.d; ::a.b.c.d was never assigned, :: and ::1 are in the list themselves.
  if (a === 0 && b === 0 && c === 0 && d === 0 && (f === 0xffff || e === 0xffff)) return [last]
  if ((e === 0 || e === 0x200) && f === 0x5efe) return [last]
  return []
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight groups; the URL parser knows every spelling, dotted tails too, and writes them all in hex. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = numbers(head)
  const back = numbers(tail ?? '')
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
}

function numbers(part: string): readonly number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}
