import { type Answer, answerOf } from './answer.ts'
import { ORIGIN } from './apis.ts'
import type { Sent } from './row.ts'

/** Sends a request to a `fetch` function where no socket is; also runs in a browser. */
export async function direct(
  fetcher: (request: Request) => Promise<Response>,
  sent: Sent,
  labels: Readonly<Record<string, string>>,
): Promise<Answer> {
  const headers = new Headers()
  for (const [name, value] of sent.headers) headers.append(name, value)
  const { method, body = null } = sent
  const response = await fetcher(new Request(new URL(sent.target, ORIGIN), { method, headers, body }))
  const text = await response.text()
  const all = [...response.headers]
  // A `Response` has no length of its own: whoever sends it adds one.
  const length = all.some(([name]) => name === 'content-length')
    ? []
    : [['content-length', String(new TextEncoder().encode(text).length)] as const]
  return answerOf(response.status, [...all, ...length], text, labels)
}
