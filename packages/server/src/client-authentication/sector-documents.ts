import type { Clock } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { Fetched } from '../outbound/fetched.ts'

/** Redirect URIs of one sector. */
const MOST = 1000

interface SectorDocument {
  readonly redirectUris: ReadonlySet<string>
}

/**
 * The lists at `sector_identifier_uri` (OpenID Connect Registration §5): by them a host says which redirect URIs belong to it, so
 * that nobody else gets the names by which its clients know people. For clients that no operator created; an operator vouches.
 */
export class SectorDocuments {
  readonly #fetched: Fetched<SectorDocument>

  constructor(outbound: Outbound, clock: Clock) {
    this.#fetched = new Fetched({ outbound, clock, accept: 'application/json', read: readSector })
  }

  /** Why a client cannot be of the sector that it names (OIDC-58); undefined when it can, or names none. */
  async fault({
    sectorIdentifierUri: uri,
    redirectUris,
  }: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>): Promise<string | undefined> {
    if (uri === undefined) return undefined
    const missing = (document: SectorDocument): string | undefined => redirectUris.find((one) => !document.redirectUris.has(one))
    const known = await this.#fetched.get(uri)
    // One that was added a moment ago is looked for once more.
    const document = known instanceof OutboundRefusal || missing(known) === undefined ? known : await this.#fetched.refetch(uri)
    if (document instanceof OutboundRefusal) {
      if (!(known instanceof OutboundRefusal)) return `does not list ${missing(known)}`
      return document.reason === 'document' ? 'is not a JSON array of redirect URIs' : 'cannot be fetched'
    }
    const absent = missing(document)
    return absent === undefined ? undefined : `does not list ${absent}`
  }
}

function readSector({ body }: OutboundReply, url: string): SectorDocument | OutboundRefusal {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (Array.isArray(value) && value.length <= MOST && value.every((one): one is string => typeof one === 'string'))
      return { redirectUris: new Set(value) }
  } catch {
    // Said below.
  }
  return new OutboundRefusal('document', `${url} is not a JSON array of at most ${MOST} texts`)
}
