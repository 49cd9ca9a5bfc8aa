const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Plain http is for a machine talking to itself: nobody else can listen there. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname)
}

/** Why a text is no address of ours or of a client's on the web, or undefined when it is one. */
export function webAddressFault(text: string): string | undefined {
  if (text.length > 2048) return 'must be an address of at most 2048 characters'
  if (!URL.canParse(text) || !/^[\x21-\x7e]+$/.test(text)) return 'must be an absolute https address'
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    return 'must be an https address; http is for 127.0.0.1, [::1] and localhost only'
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password'
  return undefined
}
