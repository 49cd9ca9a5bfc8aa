import { request as http } from 'node:http'
import { request as https } from 'node:https'

/** One request with just these headers. `fetch` puts its own `Sec-Fetch-Mode` in place of a browser's, and servers look at it. */
export async function sentAsIs(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const request = new Request(input, init)
  // Headers that a script may not set are not in `request`: they are the reason for this.
  const headers = Object.fromEntries(Array.isArray(init.headers) ? (init.headers as [string, string][]) : request.headers)
  const body = Buffer.from(await request.arrayBuffer())
  const url = new URL(request.url)
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http)(url, { method: request.method, headers, agent: false }, (got) => {
      const chunks: Buffer[] = []
      got.on('data', (chunk: Buffer) => chunks.push(chunk))
      got.once('error', reject)
      got.once('end', () => {
        const { statusCode: status = 500, rawHeaders } = got
        const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as [string, string]] : []))
        const empty = status === 204 || status === 205 || status === 304
        resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: lines }))
      })
    })
    sent.once('error', (cause) => reject(new TypeError('fetch failed', { cause })))
    sent.end(body.length > 0 ? body : undefined)
  })
}
