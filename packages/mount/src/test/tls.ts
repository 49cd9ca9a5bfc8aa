import { Agent, request } from 'node:https'
import type { ClientCertificate, Handler } from '@holdfast/protocol/http'
import { json } from '@holdfast/protocol/http'
import type { Held } from '../../../../test/certificates.ts'

/** What a handler was given of the client's certificate. */
export interface Shown {
  readonly der: string
  readonly authorized: boolean
}

/** Answers with the certificate it was given, or null. */
export const show: Handler = (given) => Promise.resolve(json(200, shown(given.clientCertificate)))

export function shown(certificate: ClientCertificate | undefined): Shown | null {
  return certificate === undefined ? null : { der: Buffer.from(certificate.der).toString('base64'), authorized: certificate.authorized }
}

/** A GET over real TLS, with a certificate or without. The server's own is not checked here. */
export function get(
  port: number,
  held?: Held,
  headers: Readonly<Record<string, string | string[]>> = {},
  agent: Agent = new Agent(),
): Promise<Shown | null> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: '/auth/certificate',
        agent,
        rejectUnauthorized: false,
        headers,
        ...(held && { cert: held.certificate, key: held.key }),
      },
      (incoming) => {
        let text = ''
        incoming
          .on('data', (chunk: Buffer) => (text += chunk.toString()))
          .on('end', () => resolve(JSON.parse(text) as Shown | null))
          .on('error', reject)
      },
    )
    outgoing.on('error', reject).end()
  })
}
