/**
 * Who counts as one where attempts are counted by address: an address of IPv4, or the /64 of IPv6 that one household has
 * and numbers as it likes. One spelling for each, since `::` stands for any number of zeros. `''` where it is unknown.
 */
export function neighbourhood(address: string): string {
  const [bare = ''] = address.toLowerCase().split('%')
  if (!bare.includes(':')) return bare
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = bare.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: Math.max(8 - left.length - right.length, 0) }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}

/** Without leading zeros; an address of IPv4 at the end is two. */
function groups(text: string): readonly string[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => (group.includes('.') ? [group, group] : [group.replace(/^0+(?=.)/, '')]))
}
