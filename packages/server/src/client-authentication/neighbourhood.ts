/** One address of IPv4, or the /64 of IPv6 that one household has: whoever has one of its addresses has all of them. */
export function neighbourhood(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const front = groupsOf(head)
  const back = groupsOf(tail)
  // What `::` stands for counts too: 2001:db8::1 and 2001:db8::2 are neighbours.
  const missing = address.includes('::') ? Math.max(8 - front.length - back.length, 0) : 0
  return [...front, ...Array.from({ length: missing }, () => '0'), ...back].slice(0, 4).join(':')
}

function groupsOf(part: string): readonly string[] {
  return part === '' ? [] : part.split(':')
}
