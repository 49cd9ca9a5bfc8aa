import { connect } from 'node:net'
import { type Answer, answerOf } from './answer.ts'
import type { Sent } from './row.ts'

type Labels = Readonly<Record<string, string>>

/** Sends a request as the bytes that it is, on a connection of its own: `fetch` can neither repeat a line nor send odd bytes. */
export async function overSocket(port: number, sent: Sent, labels: Labels): Promise<Answer> {
  const { status, headers, body } = parsed(await exchanged(port, bytesOf(sent)))
  return answerOf(status, headers, body, labels)
}

function bytesOf({ method, target, headers, body }: Sent): Buffer {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  const head = [`${method} ${target} HTTP/1.1`, 'Host: api.example', 'Connection: close', ...lines, ...length, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')])
}

function exchanged(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    socket.write(bytes)
  })
}

interface Parsed {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

function parsed(bytes: Buffer): Parsed {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  const chunked = headers.some(([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked')
  const rest = bytes.subarray(end + 4)
  const body = (chunked ? dechunked(rest) : rest).toString()
  return {
    status: Number(first.split(' ')[1]),
    headers: chunked ? [...headers, ['content-length', String(Buffer.byteLength(body))]] : headers,
    body,
  }
}

/** How a platform frames a body is its own affair; how long the body is is not. */
function dechunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, line).toString(), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(parts)
}
