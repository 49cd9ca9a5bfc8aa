import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClientCertificate, HttpRequest } from '@holdfast/protocol/http'
import { bodyStream, streamOf } from './body-stream.ts'
import { Aborted, BodyTaken } from './failure.ts'
import { goneSignal } from './gone.ts'
import type { Peers } from './peers.ts'
import { splitTarget } from './target.ts'

/** What body parsers leave on a request; only bytes are of use. */
interface Parsed {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/** `node:http`'s request as plain data. Nothing is read or copied before it is asked for. */
export class NodeRequest implements HttpRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly #incoming: IncomingMessage
  readonly #peers: Peers
  readonly #outgoing: ServerResponse | undefined
  #signal: AbortSignal | undefined
  #certificate: ClientCertificate | 'none' | undefined

  /**
   * @param target the target that the client sent, whatever prefix a framework cut from `url`
   * @param outgoing where the answer goes: without it nobody can tell that the client has gone
   */
  constructor(incoming: IncomingMessage, method: string, target: string, peers: Peers, outgoing?: ServerResponse) {
    this.method = method
    const { path, query } = splitTarget(target)
    this.path = path
    this.query = query
    this.#incoming = incoming
    this.#peers = peers
    this.#outgoing = outgoing
  }

  /** From `rawHeaders`: Node's `headers` drops a second Authorization and joins a second DPoP. */
  headers(name: Lowercase<string>): readonly string[] {
    return headerValues(this.#incoming.rawHeaders, name)
  }

  get clientAddress(): string {
    return this.#peers.addressOf(this.#incoming.socket?.remoteAddress, () => this.headers('x-forwarded-for'))
  }

  get clientCertificate(): ClientCertificate | undefined {
    this.#certificate ??= this.#peers.certificateOf(this.#incoming.socket, () => this.headers('client-cert')) ?? 'none'
    return this.#certificate === 'none' ? undefined : this.#certificate
  }

  body(limit: number): Promise<Uint8Array | 'too_large'> {
    return readBody(this.#incoming, limit)
  }

  stream(): ReadableStream<Uint8Array> {
    const here = bytesHere(this.#incoming, lengthOf(this.#incoming))
    return here === undefined ? bodyStream(this.#incoming) : streamOf(here)
  }

  get signal(): AbortSignal | undefined {
    if (this.#outgoing !== undefined) this.#signal ??= goneSignal(this.#incoming, this.#outgoing)
    return this.#signal
  }
}

const NONE: readonly string[] = []

function headerValues(raw: readonly string[], name: string): readonly string[] {
  let found: string[] | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const sent = raw[i] as string
    if (sent.length === name.length && (sent === name || sent.toLowerCase() === name)) (found ??= []).push(raw[i + 1] as string)
  }
  return found ?? NONE
}

const EMPTY = new Uint8Array(0)

/**
 * A body that needs no reading: kept by a parser, or of no length.
 *
 * @throws {BodyTaken} somebody else has read it
 * @throws {Aborted} it will not come
 */
function bytesHere(incoming: IncomingMessage, length: string | undefined): Uint8Array | undefined {
  const { rawBody, body } = incoming as Parsed
  const bytes = rawBody instanceof Uint8Array ? rawBody : body instanceof Uint8Array ? body : undefined
  if (bytes !== undefined) return bytes
  if (incoming.readableDidRead) throw new BodyTaken()
  if (length === undefined && headerValues(incoming.rawHeaders, 'transfer-encoding').length === 0) return EMPTY
  // An end that someone else waited for does not come again.
  if (incoming.readableEnded) return EMPTY
  if (incoming.destroyed) throw new Aborted()
  return undefined
}

const lengthOf = (incoming: IncomingMessage): string | undefined => headerValues(incoming.rawHeaders, 'content-length')[0]

/** Stops reading at the limit; a length over it that the client announces is refused before the first byte is read. */
async function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array | 'too_large'> {
  const length = lengthOf(incoming)
  const here = bytesHere(incoming, length)
  if (here !== undefined) return here.byteLength > limit ? 'too_large' : here
  return length !== undefined && Number(length) > limit ? 'too_large' : collect(incoming, limit)
}

function collect(incoming: IncomingMessage, limit: number): Promise<Uint8Array | 'too_large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (): void => {
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= limit) return
      settle()
      incoming.pause()
      resolve('too_large')
    }
    const onEnd = (): void => {
      settle()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    }
    const onGone = (): void => {
      settle()
      reject(new Aborted())
    }
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  })
}
