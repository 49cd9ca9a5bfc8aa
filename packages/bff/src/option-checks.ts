/** @throws {TypeError} with the option's name and its rule */
export function check(holds: boolean, option: string, rule: string): asserts holds {
  if (!holds) throw new TypeError(`createBff: ${option} ${rule}`)
}

export function locationOf(text: string, option: string): URL {
  check(URL.canParse(text), option, 'must be an absolute URL')
  const url = new URL(text)
  check(url.protocol === 'https:' || url.protocol === 'http:', option, 'must begin with https:// (or http:// on localhost)')
  check(url.username === '' && url.password === '', option, 'must have no user name and no password')
  return url
}

/** Where requests do not leave the machine, so that TLS protects nothing. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
