import { connect, createServer, type Socket } from 'node:net'

/** Stands between the engine and the server, and can cut, freeze or hear what goes through. */
export interface Proxy {
  readonly url: string
  /** Called with what the server answers, before it is handed on; `false` keeps it. */
  onAnswer: (data: Buffer) => boolean
  /** Called with what the engine sends. */
  onQuestion: (data: Buffer) => void
  /** Cuts every connection; new ones are refused until `open`. */
  cut(): void
  open(): void
  close(): Promise<void>
}

export async function proxyTo(server: string): Promise<Proxy> {
  const target = new URL(server)
  const sockets = new Set<Socket>()
  let refusing = false
  const listener = createServer((client) => {
    if (refusing) return void client.destroy()
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (data) => {
      proxy.onQuestion(data)
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (proxy.onAnswer(data)) client.write(data)
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const own = new URL(server)
  own.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  const proxy: Proxy = {
    url: own.href,
    onAnswer: () => true,
    onQuestion: () => {},
    cut: () => {
      refusing = true
      for (const socket of sockets) socket.destroy()
    },
    open: () => void (refusing = false),
    close: async () => {
      proxy.cut()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
  return proxy
}
