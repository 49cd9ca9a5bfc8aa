// oxlint-disable-next-line import/no-unassigned-import -- what @peculiar/x509 needs to be there before it
import 'reflect-metadata'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A certificate authority of a test. */
export interface TestAuthority {
  readonly pem: string
  /** A certificate and its key for DNS names and addresses; `past` makes one that has ended. */
  certificate(names: readonly string[], past?: boolean): Promise<{ readonly cert: string; readonly key: string }>
}

export async function createAuthority(): Promise<TestAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2099-01-01') }
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Authority of a test',
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  let serial = 1
  return {
    pem: ca.toString('pem'),
    async certificate(names, past = false) {
      const own = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: (++serial).toString(16).padStart(2, '0'),
        subject: 'CN=Host of a test',
        issuer: ca.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore: validity.notBefore,
        notAfter: past ? new Date('2021-01-01') : validity.notAfter,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[0-9.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value })),
          ),
        ],
      })
      const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64')
      return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` }
    },
  }
}

/** A host on this machine that a test started. */
export interface TestHost {
  readonly port: number
  /** The heads of requests that came. */
  readonly seen: IncomingMessage[]
  /** Connections that were opened, and bytes that came over them before any TLS. */
  readonly opened: { connections: number; bytes: number }
  close(): Promise<void>
}

/** How a host answers: by HTTP, or by whatever it writes on the open connection. */
export type Behaviour =
  | { readonly http: (request: IncomingMessage, response: ServerResponse) => void }
  | { readonly raw: (socket: Socket) => void }

/** Listens on a free port of an address, with TLS when there is a certificate. */
export async function startHost(
  behaviour: Behaviour,
  tls: { readonly cert: string; readonly key: string } | undefined,
  address = '127.0.0.1',
): Promise<TestHost> {
  const seen: IncomingMessage[] = []
  const opened = { connections: 0, bytes: 0 }
  const sockets: Set<Socket> = new Set()
  const http = createServer((request, response) => {
    seen.push(request)
    if ('http' in behaviour) behaviour.http(request, response)
  })
  const speak = (socket: Socket): void => {
    socket.on('error', () => {})
    if ('raw' in behaviour) behaviour.raw(socket)
    else http.emit('connection', socket)
  }
  const server: Server = tls === undefined ? createTcpServer(speak) : createTlsServer(tls, speak)
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    opened.connections++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      opened.bytes += socket.bytesRead
      sockets.delete(socket)
    })
  })
  await new Promise<void>((done) => server.listen(0, address, done))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    opened,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}
