import { request as plainRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { Held } from '../../certificates.ts'

/** What went through to the authorization server's token endpoint. */
export interface TokenExchangeSeen {
  readonly form: URLSearchParams
  readonly status: number
  readonly answer: Readonly<Record<string, unknown>>
}

/** What stands in front of all of them: TLS, and a choice by name. */
export class Front {
  readonly port: number
  /** Each answer of the token endpoint, whole: the tokens that nobody else may see. */
  readonly tokens: TokenExchangeSeen[] = []
  /** Every answer of the application to a browser, head and body. */
  readonly answers: string[] = []
  /** How many requests each node had. */
  readonly served: number[] = []
  /** While true, the authorization server does not answer. */
  away = false
  #application: readonly number[] = []
  #server: number | undefined
  #turn = 0
  readonly #listener: ReturnType<typeof createServer>

  private constructor(listener: ReturnType<typeof createServer>, port: number) {
    this.#listener = listener
    this.port = port
  }

  static async open({ certificate: cert, key }: Held, applicationHost: string): Promise<Front> {
    const listener = createServer({ cert, key })
    await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening))
    const front = new Front(listener, (listener.address() as AddressInfo).port)
    const application = `${applicationHost}:${front.port}`
    listener.on('request', (incoming, outgoing) => front.#pass(incoming, outgoing, application))
    listener.on('upgrade', (incoming, socket: Socket, head) => front.#tunnel(incoming, socket, head))
    return front
  }

  /** Ports of the nodes of the application, which take turns, and of the authorization server. */
  to(application: readonly number[], server: number): void {
    this.#application = application
    this.#server = server
    this.served.splice(0, this.served.length, ...application.map(() => 0))
  }

  close(): void {
    this.#listener.closeAllConnections()
    this.#listener.close()
  }

  #nextNode(): number {
    const turn = this.#turn++ % this.#application.length
    this.served[turn] = (this.served[turn] ?? 0) + 1
    return this.#application[turn] as number
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse, application: string): void {
    // The back channel comes to the address, since nobody but the browser finds the names.
    const named = incoming.headers.host === application || incoming.url === '/bff/backchannel-logout'
    if (!named && this.away) return void outgoing.writeHead(503).end()
    const { method, url: path, headers } = incoming
    const onward = plainRequest({ host: '127.0.0.1', port: named ? this.#nextNode() : this.#server, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      if (named) this.#keep(answer)
      else if (path === '/token') this.#hear(sent, answer)
      answer.pipe(outgoing)
    })
    const sent: Buffer[] = []
    if (!named && path === '/token') incoming.on('data', (chunk: Buffer) => sent.push(chunk))
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }

  #keep(answer: IncomingMessage): void {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('close', () => this.answers.push([...answer.rawHeaders, Buffer.concat(chunks).toString()].join('\n')))
  }

  #hear(sent: readonly Buffer[], answer: IncomingMessage): void {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () =>
      this.tokens.push({
        form: new URLSearchParams(Buffer.concat(sent).toString()),
        status: answer.statusCode ?? 0,
        answer: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
      }),
    )
  }

  #tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const onward = connect(this.#nextNode(), '127.0.0.1', () => {
      const lines = incoming.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines}\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    for (const [one, other] of [[socket, onward] as const, [onward, socket] as const]) one.on('error', () => other.destroy())
  }
}
