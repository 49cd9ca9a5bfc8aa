import { toFetch } from '@holdfast/mount/fetch'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { Finding, Witness } from '@holdfast/protocol/witness'
import type { TestServer } from './server.ts'

/** What a server told of the requests since `clear`. */
export interface Heard {
  /** Of each request, in the order in which they came. */
  readonly requests: Finding[][]
  readonly findings: () => readonly Finding[]
  /** `code: of this client`, and of a refusal with its rule: `code: of this client, OA-52`. Without what is told of a DPoP proof itself. */
  readonly told: () => readonly string[]
  /** The same of what comes after the client was proven. */
  readonly afterClient: () => readonly string[]
  readonly clear: () => void
}

/** From now on somebody listens to every request that `fetch` of this server sends. */
export function listen(as: TestServer): Heard {
  const requests: Finding[][] = []
  const asFetch = toFetch(
    (request) => {
      const findings: Finding[] = []
      requests.push(findings)
      return as.server.handler(witnessedRequest(request, (finding) => void findings.push(finding)))
    },
    { clientAddress: () => '192.0.2.1' },
  )
  as.fetch = (url, init) => asFetch(new Request(url, { redirect: 'manual', ...init }))
  const told = (): readonly string[] => requests.flat().filter(isOurs).map(toldOf)
  return {
    requests,
    findings: () => requests.flat(),
    told,
    afterClient: () => told().filter((one) => !AUTHENTICATION.some((about) => one.startsWith(about)) && !RECEIVED.includes(one)),
    clear: () => void requests.splice(0),
  }
}

/** What is told of every request of a client before anything else. */
export const RECEIVED: readonly string[] = ['request: form', 'client: no credentials in the URL', 'client: one method']

/** What is told of the client, whichever method it uses. */
export const IDENTIFIED: readonly string[] = [
  'client: client_id',
  'client: few failed attempts',
  'client: known',
  'client: registered method',
]

const AUTHENTICATION: readonly string[] = [...IDENTIFIED, 'client: Authorization header', 'client: secret', 'client_assertion: ']

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

export function toldOf({ about, check, rule, refused }: Finding): string {
  return refused === undefined ? `${about}: ${check}` : `${about}: ${check}, ${rule}`
}

/** The table of the proof's own checks is another package's. */
function isOurs({ about, check }: Finding): boolean {
  return about !== 'DPoP proof' || check === 'jti is new'
}

/** Takes a row out of a table of checks while `work` runs. */
export async function without(table: readonly { readonly name: string }[], name: string, work: () => Promise<void>): Promise<void> {
  const rows = table as { readonly name: string }[]
  const index = rows.findIndex((row) => row.name === name)
  if (index === -1) throw new Error(`no check ${name}`)
  const taken = rows.splice(index, 1)
  try {
    await work()
  } finally {
    rows.splice(index, 0, ...taken)
  }
}
