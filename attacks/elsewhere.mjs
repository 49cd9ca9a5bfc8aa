/** Two hosts of this machine: one that the server may ask, and one that it must never reach. */
import { createServer } from 'node:https'

/**
 * `published` answers at `https://localhost:PORT`, which `outbound.allow` lists, with what `put` gave it; `internal` stands for
 * all that only machines inside can reach, and counts every connection.
 */
export async function startElsewhere({ site }) {
  const tls = { cert: site.certificate, key: site.key }
  const answers = new Map()
  let asked = 0
  const published = await listening(
    createServer(tls, (request, response) => {
      const { status = 200, headers = {}, body = '' } = answers.get(request.url) ?? { status: 404 }
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }),
    '127.0.0.1',
  )
  const inside = createServer(tls, (_request, response) => response.end('{"keys":[]}'))
  inside.on('connection', () => asked++)
  // Where the machine has no IPv6, its addresses lead nowhere, which is what they should.
  const internal = await listening(inside, '::').catch(() => listening(inside, '127.0.0.1'))
  return {
    hostPort: published.address().port,
    internalPort: internal.address().port,
    /** @returns the address of what is published there from now on */
    put(path, answer) {
      answers.set(path, answer)
      return `https://localhost:${published.address().port}${path}`
    },
    /** Connections that the internal host has seen. */
    reached: () => asked,
    stop() {
      for (const server of [published, internal]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function listening(server, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => {
      server.off('error', reject)
      server.on('tlsClientError', () => {})
      resolve(server)
    })
  })
}
