import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { newSecret, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { AuthorizationServer } from '../authorization-server.ts'
import { readMachineClient } from '../config/machine-client.ts'
import type { Metadata } from '../config/machine-metadata.ts'
import { event } from '../events.ts'
import { moved } from '../keys/followed.ts'
import type { Records, RegistrationRecord, ServerChange } from '../records.ts'
import { removal } from '../registration/registered-clients.ts'
import { tooBusy } from './answer.ts'
import { information, stating, TRIES } from './registration.ts'
import {
  bearerToken,
  invalidToken,
  limited,
  metadataError,
  readMetadata,
  sectorError,
  registrationRefused,
  tokenWanted,
} from './registration-request.ts'

/** Updates of one client in an hour: each makes every server look at its clients anew. */
const UPDATES = 60

/** RFC 7592 §2.2: what the server gives is not the client's to set. */
const OF_THE_SERVER = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'] as const

const CLIENT_ID = /^c_[A-Za-z0-9_-]{22}$/

/** A registered client that showed its registration access token. */
interface Holder {
  readonly token: string
  readonly registration: Stored<RegistrationRecord>
  readonly client: Stored<Records['client']>
}

/** GET /register/{client_id} (RFC 7592 §2.1). The token stays: who reads must not lose it when the answer gets lost. */
export async function readRegistration(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const holder = await holderOf(as, request)
  if ('status' in holder) return holder
  const { registration, client, token } = holder
  return json(200, information(as, client.value.client, registration.value, { registrationToken: token }))
}

/** PUT /register/{client_id} (RFC 7592 §2.2): replaces everything, by the rules of a new registration (A47), and the token with it (REG-24). */
export async function updateRegistration(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const first = await holderOf(as, request)
  if ('status' in first) return first
  const tooMany = await limited(as, request, first.registration.id, UPDATES)
  if (tooMany !== undefined) return tooMany
  const body = await readMetadata(request)
  if (body instanceof OAuthError) return registrationRefused(as, request, body)
  for (let tries = 0; tries < TRIES; tries++) {
    // Anew after a lost race: when another update won it, the token of this one is no longer good.
    const holder = tries === 0 ? first : await holderOf(as, request)
    if ('status' in holder) return holder
    const updated = await update(as, holder, body, as.clock.now())
    if (updated instanceof OAuthError) return registrationRefused(as, request, updated)
    if ((await as.store.commit(updated.changes)) === 'committed') return updated.reply
  }
  return registrationRefused(as, request, tooBusy())
}

/** DELETE /register/{client_id} (RFC 7592 §2.3): the client, and all that people allowed it. */
export async function removeRegistration(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  for (let tries = 0; tries < TRIES; tries++) {
    const holder = await holderOf(as, request)
    if ('status' in holder) return holder
    if ((await as.store.commit(await removal(as.store, holder.registration, as.clock.now(), 'client'))) === 'committed')
      return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }
  }
  return registrationRefused(as, request, tooBusy())
}

/** Of an unknown client the token is as wrong as a wrong one: 401 for both, by the same path (REG-23). */
async function holderOf(as: AuthorizationServer, request: HttpRequest): Promise<Holder | Reply> {
  const token = bearerToken(request)
  if (token === undefined) return tokenWanted(as, request)
  if (token instanceof OAuthError) return registrationRefused(as, request, token)
  const clientId = request.path.slice(request.path.lastIndexOf('/') + 1)
  const known = CLIENT_ID.test(clientId)
  const registration = known ? await as.store.read('registration', clientId) : undefined
  const client = known ? await as.store.read('client', clientId) : undefined
  const right = secretMatches(token, registration?.value.tokenHash)
  if (!right || registration === undefined || client === undefined) return registrationRefused(as, request, invalidToken('REG-23'))
  if (client.value.client.disabled)
    return registrationRefused(as, request, new OAuthError('access_denied', 'the client was switched off here', { rule: 'REG-23' }))
  return { token, registration, client }
}

interface Update {
  readonly reply: Reply
  readonly changes: readonly ServerChange[]
}

async function update(
  as: AuthorizationServer,
  { registration, client }: Holder,
  body: Metadata,
  now: EpochSeconds,
): Promise<Update | OAuthError> {
  const hash = client.value.client.secrets[0]?.hash
  const fault = bodyFault(body, registration.id, hash)
  if (fault !== undefined) return fault
  const stated = await stating(as, body, now)
  if (stated instanceof OAuthError) return stated
  // What a statement said would otherwise be the client's to say, one update later.
  if (registration.value.softwareStatement !== undefined && stated.statement === undefined)
    return new OAuthError('invalid_software_statement', 'software_statement is missing: the client registered with one', { rule: 'REG-11' })
  const secret = hash === undefined ? newSecret() : undefined
  const vouched = registration.value.by !== 'open'
  const identity = {
    clientId: registration.id,
    origin: 'machine',
    secretHash: hash ?? secretHash(secret as string),
    vouched,
  } as const
  const read = readMachineClient(stated.metadata, identity, as.machine)
  if (!('client' in read)) return metadataError(read)
  const sector = await sectorError(as, read.client)
  if (sector !== undefined) return sector
  const registrationToken = newSecret()
  const record: RegistrationRecord = {
    ...registration.value,
    tokenHash: secretHash(registrationToken),
    metadata: read.metadata,
    softwareStatement: stated.statement,
  }
  return {
    reply: json(200, information(as, read.client, record, { registrationToken, secret })),
    changes: [
      { op: 'replace', kind: 'registration', id: registration.id, expected: registration.version, value: record },
      { op: 'replace', kind: 'client', id: client.id, expected: client.version, value: { ...client.value, client: read.client } },
      await moved(as.store, 'clients', now),
      event(
        'client.updated',
        now,
        { clientId: client.id },
        { redirectUris: read.client.redirectUris, method: read.client.tokenEndpointAuthMethod },
      ),
    ],
  }
}

/** REG-21. */
function bodyFault(body: Metadata, clientId: string, hash: string | undefined): OAuthError | undefined {
  const fault = (description: string): OAuthError => new OAuthError('invalid_client_metadata', description, { rule: 'REG-21' })
  if (body['client_id'] !== clientId) return fault('client_id must be there, and be the one that is updated (RFC 7592 §2.2)')
  const given = OF_THE_SERVER.find((member) => Object.hasOwn(body, member))
  if (given !== undefined) return fault(`${given} must not be in an update (RFC 7592 §2.2)`)
  const secret = body['client_secret']
  if (secret !== undefined && !(typeof secret === 'string' && secretMatches(secret, hash)))
    return fault('client_secret must be the present one, or be left out (RFC 7592 §2.2)')
  return undefined
}
