import { type Outbound, OutboundRefusal, type OutboundReply } from '../../packages/server/src/config/outbound.ts'
import type { Internet } from '@holdfast/testing/internet'

/** The server's way out, on the same simulated internet. */
export function createOutbound(net: Internet): Outbound {
  const send = async (url: string, init: RequestInit): Promise<OutboundReply | OutboundRefusal> => {
    if (!net.reaches(url)) return new OutboundRefusal('dns', `nobody is at ${url}`)
    const response = await net.fetch(url, init)
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    }
  }
  return {
    get: (url) => send(url, {}),
    post: (url, body) => send(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  }
}
