import { request } from 'node:https'
import { serve, type Serving } from '@holdfast/mount/node'
import type { Handler } from '@holdfast/protocol/http'
import { Authority, CLIENT, type Held, SERVER, type Wanted } from '../../../../test/certificates.ts'
import type { Client } from '../index.ts'
import { Application } from './application.ts'
import { Person } from './person.ts'
import { client, type TestServer } from './server.ts'

export { type Held, selfSigned } from '../../../../test/certificates.ts'

/** Where clients with certificates call the server of the tests. */
export const ALIAS = 'https://mtls.as.example'

/** The subject of `held()` and its text. */
export const SUBJECT = [{ C: ['US'] }, { O: ['Example'] }, { CN: ['web'] }]
export const SUBJECT_DN = 'CN=web,O=Example,C=US'

/** A client that shows a certificate of the authority; what it registered may be anything else. */
export function tlsClient(over: Partial<Client> = {}): Client {
  return client({
    tokenEndpointAuthMethod: 'tls_client_auth',
    secrets: [],
    tlsClientAuth: { kind: 'subject_dn', value: SUBJECT_DN },
    ...over,
  })
}

/** The listener for mutual TLS of a server, on a real socket. */
export class MutualTls {
  readonly as: TestServer
  readonly authority: Authority
  readonly #serving: Serving

  private constructor(as: TestServer, authority: Authority, serving: Serving) {
    this.as = as
    this.authority = authority
    this.#serving = serving
  }

  /** @param handler what the listener answers with; by default the endpoints that have an alias */
  static async open(as: TestServer, handler: Handler = as.server.mutualTlsHandler): Promise<MutualTls> {
    const authority = await Authority.create('Issuer of clients')
    const site = await authority.issue({ subject: [{ CN: ['mtls.as.example'] }], purposes: [SERVER] })
    const tls = { cert: site.certificate, key: site.key, ca: [authority.certificate], requestCert: true, rejectUnauthorized: false }
    return new MutualTls(as, authority, await serve(handler, { tls }))
  }

  /** A certificate of the authority, by default with the subject that `tlsClient` registered. */
  held(wanted: Wanted = {}): Promise<Held> {
    return this.authority.issue({ subject: SUBJECT, purposes: [CLIENT], ...wanted })
  }

  /** The program of a client that connects with a certificate, or with none. People go to the other listener. */
  application(one: Client, held: Held | undefined, keys: ConstructorParameters<typeof Application>[2] = {}): Application {
    return new Application(this.over(held), one, { person: new Person(this.as), ...keys })
  }

  /** The same server, reached over TLS whatever host the address names. */
  over(held: Held | undefined): TestServer {
    return { ...this.as, fetch: (url, init = {}) => send(this.#serving.port, url, init, held) }
  }

  close(): Promise<void> {
    return this.#serving.close()
  }
}

function send(port: number, url: string, init: RequestInit, held: Held | undefined): Promise<Response> {
  const { pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: pathname + search,
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        agent: false,
        rejectUnauthorized: false,
        ...(held && { cert: held.certificate, key: held.key }),
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming
          .on('data', (chunk: Buffer) => void chunks.push(chunk))
          .on('error', reject)
          .on('end', () => {
            const headers = new Headers()
            for (let i = 0; i < incoming.rawHeaders.length; i += 2)
              headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string)
            resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 0, headers }))
          })
      },
    )
    outgoing.on('error', reject).end(typeof init.body === 'string' ? init.body : undefined)
  })
}
