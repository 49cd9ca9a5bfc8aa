import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { toNodeUpgrade, type Upgrade, type UpgradeHandler, type UpgradeOptions } from '../upgrade.ts'
import { Wire } from './wire.ts'

const opened: (() => void)[] = []
/** Ends what a test has opened: give it to `afterEach`. */
export function closeAll(): void {
  for (const close of opened.splice(0).reverse()) close()
}
export async function listening(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => server.close())
  return (server.address() as AddressInfo).port
}
export const event = (emitter: NodeJS.EventEmitter, name: string): Promise<unknown[]> =>
  new Promise((resolve) => emitter.once(name, (...values) => resolve(values)))

/** An API that echoes, and tells what it was asked with. */
export async function api(
  options: ConstructorParameters<typeof WebSocketServer>[0] = {},
): Promise<{ port: number; asked: IncomingMessage[]; sockets: WebSocketServer }> {
  const server = createServer()
  const asked: IncomingMessage[] = []
  const sockets = new WebSocketServer({ server, ...options })
  sockets.on('connection', (socket, request) => {
    asked.push(request)
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  opened.push(() => sockets.clients.forEach((client) => client.terminate()))
  return { port: await listening(server), asked, sockets }
}
/** An API of bare bytes. */
export async function rawApi(answer: (socket: Socket, request: string) => void): Promise<number> {
  const server = createTcpServer((socket) => {
    opened.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', (bytes) => answer(socket, bytes.toString('latin1')))
  })
  return listening(server)
}

/** What the last front told its operator. */
export const faults: unknown[] = []
export async function front(handler: UpgradeHandler, options: UpgradeOptions = {}): Promise<number> {
  faults.length = 0
  const server = createServer((_request, response) => response.end('plain'))
  server.on('upgrade', toNodeUpgrade(handler, { onError: (error) => faults.push(error), ...options }))
  opened.push(() => server.closeAllConnections())
  return listening(server)
}
export const to = (port: number, more: Partial<Upgrade & { kind: 'allowed' }> = {}): Upgrade => ({
  kind: 'allowed',
  url: new URL(`http://127.0.0.1:${port}/v1/feed?a=1`),
  headers: { authorization: 'DPoP token', dpop: 'proof' },
  replyHeaders: {},
  ...more,
})
export function client(port: number, protocols: string[] = []): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/feed`, protocols, { headers: { cookie: 'session=secret', origin: 'https://x' } })
  opened.push(() => socket.terminate())
  socket.on('error', () => {})
  return socket
}

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
export const HANDSHAKE = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${KEY}`]
export function ask(port: number, lines: readonly string[] = HANDSHAKE, method = 'GET', early = ''): Wire {
  const wire = new Wire(port)
  opened.push(() => wire.socket.destroy())
  wire.write(`${method} /api/feed HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${early}`)
  return wire
}
