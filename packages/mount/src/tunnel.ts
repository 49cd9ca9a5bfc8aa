import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** How long the other side may take to end, after one has: nothing of a WebSocket lives on half. */
const LINGER_MILLISECONDS = 5000
const KEEP_ALIVE_MILLISECONDS = 30_000

/** Two connections become one: what one sends the other gets, at the speed of the slower. When one ends so does the other. */
export function tunnel(client: Duplex, upstream: Duplex, milliseconds: number): void {
  const cut = (): void => {
    clearTimeout(timer)
    client.destroy()
    upstream.destroy()
  }
  let timer = setTimeout(cut, milliseconds)
  const ending = (): void => {
    clearTimeout(timer)
    if (client.closed && upstream.closed) return
    timer = setTimeout(cut, LINGER_MILLISECONDS)
  }
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    lively(one)
    // `end` and not `destroy`: what is on its way still arrives.
    one.once('error', cut).once('end', ending)
    one.once('close', () => {
      other.end()
      ending()
    })
    one.pipe(other)
  }
}

/** No delay for small frames; a peer that is gone without a word is found out. */
function lively(stream: Duplex): void {
  if (!(stream instanceof Socket)) return
  stream.setTimeout(0)
  stream.setNoDelay(true)
  stream.setKeepAlive(true, KEEP_ALIVE_MILLISECONDS)
}
