import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** The API behind, over connections that stay. */
export class Upstream {
  readonly origin: URL
  readonly #agent: HttpAgent
  readonly #request: (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest

  constructor(origin: URL) {
    const secure = origin.protocol === 'https:'
    this.origin = origin
    this.#agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
    this.#request = secure ? httpsRequest : httpRequest
  }

  /** @param headers name, value, name, value …: sent as they are, nothing is added */
  ask(method: string, target: string, headers: readonly string[], answered: (answer: IncomingMessage) => void): ClientRequest {
    // A bracketed address is one of IPv6, which a socket takes bare.
    const { hostname, port } = this.origin
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const options = { agent: this.#agent, host, port: port === '' ? undefined : port, method, path: target, headers: [...headers] }
    return this.#request(options as RequestOptions, answered)
  }

  close(): void {
    this.#agent.destroy()
  }
}
