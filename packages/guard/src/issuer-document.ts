/** Milliseconds for a whole answer. */
const TIMEOUT = 5_000
/** Bytes of a metadata document or key set. */
const MAX_BYTES = 262_144

/** An answer and its text, within bounds of time and size. A redirect is a fault: credentials and keys come from where they were configured. */
export async function exchange(
  fetcher: typeof fetch,
  url: string,
  init: RequestInit,
  maxBytes: number,
): Promise<{ readonly response: Response; readonly text: string }> {
  // `manual`, since Cloudflare Workers do not know `error`. The redirect then is an answer without the status that the caller needs.
  const response = await fetcher(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) })
  return { response, text: await textOf(response, url, maxBytes) }
}

/** Stops reading at the limit: an issuer that was taken over must not fill the memory of its APIs. */
async function textOf(response: Response, url: string, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      throw new Error(`${url} answered more than ${maxBytes} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

export async function fetchJson(fetcher: typeof fetch, url: string): Promise<unknown> {
  const { response, text } = await exchange(fetcher, url, { headers: { accept: 'application/json' } }, MAX_BYTES)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return JSON.parse(text)
}

/** RFC 8414 §3: a member of the issuer's metadata that is an address. §3.3: the document must name the issuer that was asked for. */
export async function discover(fetcher: typeof fetch, issuer: string, member: 'jwks_uri' | 'introspection_endpoint'): Promise<string> {
  const { origin, pathname } = new URL(issuer)
  const document = await fetchJson(fetcher, `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`)
  const metadata = (typeof document === 'object' && document !== null ? document : {}) as Readonly<Record<string, unknown>>
  if (metadata['issuer'] !== issuer) throw new Error(`the metadata names the issuer ${String(metadata['issuer'])}, configured is ${issuer}`)
  const address = metadata[member]
  if (typeof address !== 'string') throw new Error(`the metadata has no ${member}`)
  if (new URL(issuer).protocol === 'https:' && new URL(address).protocol !== 'https:')
    throw new Error(`${member} of the metadata is not https: whoever is on the way could write what is fetched there (RFC 8414 §2)`)
  return address
}
