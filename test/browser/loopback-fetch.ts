import { Agent, request } from 'node:https'

interface Sent {
  readonly method?: string
  readonly headers?: unknown
  readonly body?: unknown
}

/** `fetch` for names that exist in these tests alone: whatever the host, it is on this machine, with a certificate of this authority. */
export function loopbackFetch(ca: string): (url: string, sent?: Sent) => Promise<Response> {
  const agent = new Agent({ ca, keepAlive: true })
  return (url, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const { hostname, port, pathname, search, host } = new URL(url)
      const all = { ...Object.fromEntries(new Headers(headers as HeadersInit | undefined)), host }
      const sent = request(
        { agent, host: '127.0.0.1', servername: hostname, port, path: pathname + search, method, headers: all },
        (got) => {
          const chunks: Buffer[] = []
          got.on('data', (chunk: Buffer) => chunks.push(chunk))
          got.once('error', reject)
          got.once('end', () => {
            const received = new Headers(
              Object.entries(got.headers).flatMap(([name, value]) => [[name, String(value)] as [string, string]]),
            )
            const { statusCode: status = 500 } = got
            resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), { status, headers: received }))
          })
        },
      )
      sent.once('error', reject)
      sent.end(typeof body === 'string' || body instanceof URLSearchParams ? body.toString() : undefined)
    })
}
