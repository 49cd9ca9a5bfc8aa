import { connect, type Socket } from 'node:net'

/** A request as a test means it: header lines in order, repeats included. */
export interface Sent {
  readonly method?: string
  readonly target: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array
  /** Sends the body in these pieces with `transfer-encoding: chunked`. */
  readonly chunks?: readonly (string | Uint8Array)[]
}

export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

export function values(answer: Answer, name: string): readonly string[] {
  return answer.headers.filter(([sent]) => sent.toLowerCase() === name).map(([, value]) => value)
}

/** The bytes of a request; nothing is checked or normalised on the way. */
export function bytesOf(sent: Sent): Buffer {
  const lines = [
    `${sent.method ?? 'GET'} ${sent.target} HTTP/1.1`,
    'Host: as.example',
    ...(sent.headers ?? []).map(([name, value]) => `${name}: ${value}`),
  ]
  const parts: Buffer[] = []
  if (sent.chunks !== undefined) {
    lines.push('Transfer-Encoding: chunked')
    for (const chunk of [...sent.chunks, '']) {
      const bytes = Buffer.from(chunk as string)
      parts.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'))
    }
  } else if (sent.body !== undefined) {
    const bytes = Buffer.from(sent.body as string)
    lines.push(`Content-Length: ${bytes.length}`)
    parts.push(bytes)
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...parts])
}

/** A connection that a test writes bytes to and reads whole answers from. */
export class Wire {
  readonly socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #over = false
  #wake: () => void = () => {}

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' })
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.#over = true
      this.#wake()
    })
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next answer; `undefined` when the connection ended instead. */
  async read(head = false): Promise<Answer | undefined> {
    for (;;) {
      const answer = this.#take(head)
      if (answer !== undefined) return answer
      if (this.#over) return undefined
      await this.#more()
    }
  }

  /** The next answer, which must come. */
  async need(head = false): Promise<Answer> {
    const answer = await this.read(head)
    if (answer === undefined) throw new Error('the connection ended instead of an answer')
    return answer
  }

  /** What has come so far, once it contains a text or the connection is over. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text) && !this.#over) await this.#more()
    return this.#received.toString('latin1')
  }

  /** Resolves when the server has closed the connection, with what it sent that was not read. */
  async ended(): Promise<string> {
    while (!this.#over) await this.#more()
    return this.#received.toString('latin1')
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #take(head: boolean): Answer | undefined {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) return undefined
    const [first = '', ...lines] = this.#received.subarray(0, end).toString('latin1').split('\r\n')
    const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
    const encoding = headers.find(([name]) => name.toLowerCase() === 'transfer-encoding')
    if (encoding !== undefined && !head) return this.#takeChunks(Number(first.split(' ')[1]), headers, end + 4)
    const length = head ? 0 : Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0)
    if (this.#received.length < end + 4 + length) return undefined
    const body = this.#received.subarray(end + 4, end + 4 + length).toString()
    this.#received = this.#received.subarray(end + 4 + length)
    return { status: Number(first.split(' ')[1]), headers, body }
  }

  #takeChunks(status: number, headers: Answer['headers'], start: number): Answer | undefined {
    const parts: Buffer[] = []
    for (let at = start; ;) {
      const line = this.#received.indexOf('\r\n', at)
      if (line === -1) return undefined
      const size = Number.parseInt(this.#received.subarray(at, line).toString('latin1'), 16)
      const next = line + 2 + size + 2
      if (this.#received.length < next) return undefined
      parts.push(this.#received.subarray(line + 2, line + 2 + size))
      at = next
      if (size > 0) continue
      this.#received = this.#received.subarray(at)
      return { status, headers, body: Buffer.concat(parts).toString() }
    }
  }
}

/** One request on a connection of its own. */
export async function overSocket(port: number, sent: Sent): Promise<Answer> {
  const wire = new Wire(port)
  wire.write(bytesOf(sent))
  try {
    return await wire.need(sent.method === 'HEAD')
  } finally {
    wire.socket.destroy()
  }
}
