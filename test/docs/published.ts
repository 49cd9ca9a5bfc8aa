import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Outbound } from '@holdfast/server'
import { createOutbound } from '../../packages/server/src/outbound/outbound.ts'

/**
 * What a page says that others publish, served on loopback: the server asks for it by its https URL, and is led there as
 * a line in `/etc/hosts` and a proxy would lead it. Every other URL goes the way that it goes in earnest.
 */
export class Published {
  readonly #documents: ReadonlyMap<string, string>
  readonly #server: Server

  private constructor(documents: ReadonlyMap<string, string>) {
    this.#documents = documents
    this.#server = createServer((request, response) => {
      const text = this.#documents.get(`https://${request.url?.slice(1)}`)
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(text)
    })
  }

  static async open(documents: ReadonlyMap<string, string>): Promise<Published> {
    const published = new Published(documents)
    await new Promise<void>((settle) => published.#server.listen(0, '127.0.0.1', settle))
    return published
  }

  /** @param allow what the page's configuration allows beside the public internet */
  outbound(allow: readonly string[]): Outbound & { readonly allow: readonly string[] } {
    const host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    const real = createOutbound({ allow: [...allow, host] })
    const place = (url: string): string => (this.#documents.has(url) ? `http://${host}/${url.slice('https://'.length)}` : url)
    return {
      allow,
      get: (url, wanted) => real.get(place(url), wanted),
      post: (url, body, wanted) => real.post(place(url), body, wanted),
    }
  }

  async close(): Promise<void> {
    await new Promise((settle) => this.#server.close(settle))
  }
}
