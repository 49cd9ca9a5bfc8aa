/** Hosts of this machine: some that the server may ask, and one that it must never reach. */
import { createServer } from 'node:https'

/** One host alone would soon be asked too often: the server has a limit for each (CIMD). */
const PUBLISHERS = 8

/**
 * The publishers answer at `https://localhost:PORT`, which `outbound.allow` lists, with what `put` gave them; `internal` stands
 * for all that only machines inside can reach, and counts every connection.
 */
export async function startElsewhere({ site }) {
  const tls = { cert: site.certificate, key: site.key }
  const answers = new Map()
  const places = new Map()
  let asked = 0
  const publish = (request, response) => {
    const { status = 200, headers = {}, body = '' } = answers.get(request.url) ?? { status: 404 }
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const publishers = await Promise.all(Array.from({ length: PUBLISHERS }, () => listening(createServer(tls, publish), '127.0.0.1')))
  const hosts = publishers.map((server) => `localhost:${server.address().port}`)
  const inside = createServer(tls, (_request, response) => response.end('{"keys":[]}'))
  inside.on('connection', () => asked++)
  // Where the machine has no IPv6, its addresses lead nowhere, which is what they should.
  const internal = await listening(inside, '::').catch(() => listening(inside, '127.0.0.1'))
  return {
    hosts,
    internalPort: internal.address().port,
    /** @returns the address of what is published there from now on: for each path the same */
    put(path, answer) {
      answers.set(path, answer)
      if (!places.has(path)) places.set(path, hosts[places.size % hosts.length])
      return `https://${places.get(path)}${path}`
    },
    /** Connections that the internal host has seen. */
    reached: () => asked,
    stop() {
      for (const server of [...publishers, internal]) {
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
