import { toFetch } from '@holdfast/mount/fetch'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { Finding, Witness } from '@holdfast/protocol/witness'
import type { TestServer } from './server.ts'

/** A server that tells what it checks of each request, and what was heard since `clear`. */
export interface Listening extends TestServer {
  readonly findings: readonly Finding[]
  /** What was heard of, in order: `code: of this client`, and of a refusal with its rule: `code: of this client refused by OA-52`. */
  heard(): readonly string[]
  clear(): void
}

/** The same server, with somebody who listens. */
export function listening(as: TestServer): Listening {
  const findings: Finding[] = []
  const witness: Witness = (finding) => void findings.push(finding)
  const asFetch = toFetch((request) => as.server.handler(witnessedRequest(request, witness)), { clientAddress: () => '192.0.2.1' })
  return {
    ...as,
    findings,
    heard: () => findings.map(told),
    clear: () => void findings.splice(0),
    fetch: (url, init) => asFetch(new Request(url, { redirect: 'manual', ...init })),
  }
}

/** The request with a witness, as whoever develops would set one. */
export function witnessedRequest(request: HttpRequest, witness: Witness): HttpRequest {
  const { method, path, query, clientAddress, clientCertificate } = request
  return {
    method,
    path,
    query,
    clientAddress,
    clientCertificate,
    headers: (name) => request.headers(name),
    body: (limit) => request.body(limit),
    witness,
  }
}

function told({ about, check, rule, refused }: Finding): string {
  return refused === undefined ? `${about}: ${check}` : `${about}: ${check} refused by ${rule}`
}
