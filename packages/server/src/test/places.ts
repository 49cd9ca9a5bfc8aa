import { type Outbound, type OutboundGet, type OutboundPost, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'

/** What a place answers: text, JSON, a whole reply, or that it cannot be reached. */
export type Placed = string | object | OutboundReply | OutboundRefusal

export interface Asked {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body: string | undefined
  readonly wanted: OutboundGet | OutboundPost
}

/** A small internet for the server under test: give it as `outbound`, put documents at URLs, see what was asked. */
export class Places implements Outbound {
  readonly asked: Asked[] = []
  readonly #at: Map<string, () => Placed | Promise<Placed>> = new Map()

  put(url: string, placed: Placed | (() => Placed | Promise<Placed>)): this {
    this.#at.set(url, typeof placed === 'function' ? (placed as () => Placed | Promise<Placed>) : () => placed)
    return this
  }

  /** From now on nobody is there. */
  cut(url: string): void {
    this.put(url, new OutboundRefusal('timeout', `${new URL(url).host}: the deadline of 5000 ms passed`))
  }

  get(url: string, wanted: OutboundGet): Promise<OutboundReply | OutboundRefusal> {
    return this.#answer({ method: 'GET', url, body: undefined, wanted })
  }

  post(url: string, body: string, wanted: OutboundPost): Promise<OutboundReply | OutboundRefusal> {
    return this.#answer({ method: 'POST', url, body, wanted })
  }

  async #answer(asked: Asked): Promise<OutboundReply | OutboundRefusal> {
    this.asked.push(asked)
    const placed = await (this.#at.get(asked.url) ?? (() => new OutboundRefusal('dns', `nobody is at ${asked.url}`)))()
    if (placed instanceof OutboundRefusal || isReply(placed)) return placed
    const text = typeof placed === 'string' ? placed : JSON.stringify(placed)
    return { status: 200, headers: { 'content-type': 'application/json' }, body: new TextEncoder().encode(text) }
  }
}

function isReply(placed: Placed): placed is OutboundReply {
  return typeof placed === 'object' && 'body' in placed && placed.body instanceof Uint8Array
}
