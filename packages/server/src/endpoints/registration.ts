import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { newSecret, secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf } from '@holdfast/protocol/witness'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { readMachineClient } from '../config/machine-client.ts'
import type { Metadata } from '../config/machine-metadata.ts'
import { event } from '../events.ts'
import type { RegistrationRecord } from '../records.ts'
import { useInitialAccessToken } from '../registration/initial-access-token.ts'
import { countedIn } from '../registration/registered-clients.ts'
import { readSoftwareStatement } from '../registration/software-statement.ts'
import { tooBusy } from './answer.ts'
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

/** All registrations count in one row: of many at once each loser means that another one was stored. */
export const TRIES = 50

export function registrationOn(as: AuthorizationServer): boolean {
  return as.registration.on
}

/** POST /register (RFC 7591 §3): a client tells who it is, and is one from then on, within the policy. */
export async function registration(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const { registration: ways } = as
  const now = as.clock.now()
  const tell = tellerOf('registration', request.witness)
  const token = tell('initial access token', 'REG-02', ways.initialAccessTokens ? bearerToken(request) : undefined)
  if (token instanceof OAuthError) return registrationRefused(as, request, token)
  if (token === undefined) {
    if (!ways.open && ways.softwareStatements.length === 0) return tokenWanted(as, request)
    const tooMany = await limited(as, request, neighbourhood(request.clientAddress), ways.perAddress)
    if (tooMany !== undefined) return tooMany
  } else {
    const unknown = tell('initial access token known', 'REG-02', await unusable(as, token, now))
    if (unknown !== undefined) return registrationRefused(as, request, unknown)
  }
  const body = tell('JSON object', 'REG-01', await readMetadata(request))
  if (body instanceof OAuthError) return registrationRefused(as, request, body)
  const stated = tell('software statement', 'REG-11', await stating(as, body, now))
  if (stated instanceof OAuthError) return registrationRefused(as, request, stated)
  const by = token !== undefined ? 'initial_access_token' : stated.statement !== undefined ? 'software_statement' : 'open'
  if (by === 'open' && !ways.open) {
    if (ways.initialAccessTokens) return tokenWanted(as, request)
    return registrationRefused(as, request, tell('software statement', 'REG-11', noStatement()))
  }
  return registered(as, request, { token, stated, by, now })
}

async function unusable(as: AuthorizationServer, token: string, now: EpochSeconds): Promise<OAuthError | undefined> {
  return (await useInitialAccessToken(as.store, token, now)) === undefined ? invalidToken('REG-02') : undefined
}

function noStatement(): OAuthError {
  return new OAuthError('invalid_software_statement', 'software_statement is missing: only clients with one may register', {
    rule: 'REG-11',
  })
}

interface Admitted {
  readonly token: string | undefined
  readonly stated: Stated
  readonly by: RegistrationRecord['by']
  readonly now: EpochSeconds
}

async function registered(as: AuthorizationServer, request: HttpRequest, { token, stated, by, now }: Admitted): Promise<Reply> {
  // Random, with a prefix that neither people nor clients at URLs have (OA-73, CIMD-14).
  const clientId = `c_${newSecret().slice(0, 22)}`
  const secret = newSecret()
  const registrationToken = newSecret()
  const identity = { clientId, origin: 'machine', secretHash: secretHash(secret), vouched: by !== 'open' } as const
  const tell = tellerOf('registration', request.witness)
  const found = readMachineClient(stated.metadata, identity, as.machine)
  const read = tell('metadata', 'REG-04', 'client' in found ? found : metadataError(found))
  if (read instanceof OAuthError) return registrationRefused(as, request, read)
  const { client, metadata } = read
  const sector = tell('sector', 'OIDC-58', await sectorError(as, client))
  if (sector !== undefined) return registrationRefused(as, request, sector)
  const record: RegistrationRecord = {
    tokenHash: secretHash(registrationToken),
    by,
    standing: by === 'open' ? 'unproven' : 'kept',
    metadata,
    softwareStatement: stated.statement,
    createdAt: now,
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const used = token === undefined ? [] : await useInitialAccessToken(as.store, token, now)
    if (used === undefined) return registrationRefused(as, request, invalidToken('REG-02'))
    // Strangers may fill what there is room for; whoever an operator gave a token is not shut out by them.
    const counted = await countedIn(as.store, by === 'initial_access_token' ? Infinity : as.registration.mostClients)
    if (counted === undefined)
      return registrationRefused(as, request, new OAuthError('temporarily_unavailable', 'no more clients can register', { rule: 'REG-02' }))
    const outcome = await as.store.commit([
      { op: 'insert', kind: 'client', id: clientId, value: { kind: 'client', client, createdAt: now } },
      { op: 'insert', kind: 'registration', id: clientId, value: record },
      counted,
      ...used,
      event('client.registered', now, { clientId }, { by, redirectUris: client.redirectUris, method: client.tokenEndpointAuthMethod }),
    ])
    if (outcome === 'committed') return json(201, information(as, client, record, { registrationToken, secret }))
  }
  return registrationRefused(as, request, tooBusy())
}

export interface Stated {
  readonly metadata: Metadata
  readonly statement: string | undefined
}

/** What is asked, with the claims of a trusted software statement over it (REG-11). Where nobody is trusted to make one, it is ignored. */
export async function stating(as: AuthorizationServer, body: Metadata, now: EpochSeconds): Promise<Stated | OAuthError> {
  const statement = body['software_statement']
  const issuers = as.registration.softwareStatements
  if (statement === undefined || statement === null || issuers.length === 0) return { metadata: body, statement: undefined }
  const claims = await readSoftwareStatement(statement, { issuers, keys: as.clientKeys, issuer: as.issuer, now })
  return claims instanceof OAuthError ? claims : { metadata: { ...body, ...claims }, statement: statement as string }
}

/** RFC 7591 §3.2.1 with RFC 7592 §3: all that is registered. A secret is shown once, when it is made: only its hash is kept. */
export function information(
  as: AuthorizationServer,
  client: Client,
  { metadata, createdAt, softwareStatement }: RegistrationRecord,
  shown: { readonly registrationToken: string; readonly secret?: string | undefined },
): Metadata {
  const hasSecret = client.secrets.length > 0
  return {
    client_id: client.clientId,
    client_id_issued_at: createdAt,
    ...(hasSecret && shown.secret !== undefined ? { client_secret: shown.secret } : {}),
    ...(hasSecret ? { client_secret_expires_at: 0 } : {}),
    registration_client_uri: endpointUrl(as.issuer, `/register/${client.clientId}`),
    registration_access_token: shown.registrationToken,
    ...metadata,
    ...(softwareStatement === undefined ? {} : { software_statement: softwareStatement }),
  }
}
