import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { appendQuery, matchRedirectUri, redirectUriFault, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { seal, unseal } from '../keys/derived.ts'
import type { Session } from '../sessions/session.ts'
import { type IdTokenHint, readIdTokenHint } from '../tokens/id-token-hint.ts'

/** What of a request travels through the browser, sealed. Plain JSON. */
interface Carried {
  /** Of the hint, or by its word alone. */
  readonly clientId: string | undefined
  /** Undefined without a hint: then nobody knows that it comes from where it says. */
  readonly hint: IdTokenHint | undefined
  /** `post_logout_redirect_uri`; undefined unless that client registered it. */
  readonly place: ValidRedirectUri | undefined
  readonly state: string | undefined
  readonly at: EpochSeconds
}

/** A request to sign out, read and checked (RP-Initiated Logout §2). */
export interface LogoutRequest extends Carried {
  readonly clientName: string | undefined
  /** The place with `state` (LOGO-06). */
  readonly onwards: string | undefined
}

const CONTEXT = 'end-session'
/** Seconds that a sealed request is good for: a person looks at the page meanwhile. */
const GOOD_FOR = 30 * 60

const LIMITED = ['logout_hint', 'ui_locales'] as const

/** @returns what is wrong: a page of ours is the answer to that, never a redirect (LOGO-08) */
export async function readLogoutRequest(as: AuthorizationServer, form: Form, witness?: Witness): Promise<LogoutRequest | OAuthError> {
  const now = as.clock.now()
  const sealed = form.one('request')
  const tell = tellerOf('logout', witness)
  if (sealed !== undefined)
    return tell('request not over', 'LOGO-04', sealed instanceof OAuthError ? sealed : await openLogoutRequest(as, sealed, now))
  const [hinted, named, uri, state] = [
    form.one('id_token_hint'),
    form.one('client_id'),
    form.one('post_logout_redirect_uri'),
    form.one('state'),
  ]
  const all = [hinted, named, uri, state, ...LIMITED.map((name) => form.one(name))]
  const fault = tell(
    'form',
    'OA-41',
    all.find((one) => one instanceof OAuthError),
  )
  if (fault !== undefined) return fault
  const texts = { hinted, named, uri, state } as Readonly<Record<'hinted' | 'named' | 'uri' | 'state', string | undefined>>

  const hint =
    texts.hinted === undefined
      ? undefined
      : tellerOf('id_token_hint', witness)('ID token of this server', 'LOGO-02', await hintOf(as, texts.hinted))
  if (hint instanceof OAuthError) return hint
  const other = tell('client_id', 'LOGO-03', checkNamed(texts.named, hint))
  if (other !== undefined) return other
  const clientId = hint?.clientId ?? texts.named
  const client = clientId === undefined ? undefined : tellerOf('client', witness)('known', 'LOGO-03', await clientOf(as, clientId))
  if (client instanceof OAuthError) return client
  // Without a client nobody can tell whether the address is anybody's: then it is not used (RP-Initiated Logout §3).
  const asked = client === undefined || texts.uri === undefined ? undefined : (registered(client, texts.uri) ?? unregistered())
  const place = tell('post_logout_redirect_uri', 'LOGO-05', asked)
  if (place instanceof OAuthError) return place
  return requestOf({ clientId, hint, place, state: texts.state, at: now }, client)
}

async function hintOf(as: AuthorizationServer, text: string): Promise<IdTokenHint | OAuthError> {
  const hint = await readIdTokenHint(as, text)
  return hint ?? new OAuthError('invalid_request', 'id_token_hint is no ID token of this server', { rule: 'LOGO-02' })
}

function checkNamed(named: string | undefined, hint: IdTokenHint | undefined): OAuthError | undefined {
  if (hint === undefined || named === undefined || named === hint.clientId) return undefined
  return new OAuthError('invalid_request', 'client_id is not the one that id_token_hint was made out to', { rule: 'LOGO-03' })
}

async function clientOf({ clients }: AuthorizationServer, clientId: string): Promise<Client | OAuthError> {
  const found = await clients.find(clientId)
  return found?.client ?? new OAuthError('invalid_request', 'client_id is unknown', { rule: 'LOGO-03', detail: clientId })
}

function unregistered(): OAuthError {
  return new OAuthError('invalid_request', 'post_logout_redirect_uri is not registered for this client', { rule: 'LOGO-05' })
}

function requestOf(carried: Carried, client: Client | undefined): LogoutRequest {
  const { place, state } = carried
  const onwards = place === undefined || state === undefined ? place : appendQuery(place, { state })
  return { ...carried, clientName: client?.clientName, onwards }
}

/**
 * The very text that was registered: here no port is free (RP-Initiated Logout §3). What stands in the store is not trusted
 * either: an address that could not be registered today leads nowhere (A16).
 */
function registered({ postLogoutRedirectUris = [], applicationType }: Client, uri: string): ValidRedirectUri | undefined {
  const native = applicationType === 'native'
  const same = postLogoutRedirectUris.filter((one) => one === uri && redirectUriFault(one, native) === undefined)
  return matchRedirectUri(uri, same, native)
}

/** A form carries it on: what was checked is not asked for again, and an ID token stands in no address of ours. */
export function sealedLogoutRequest({ derived }: AuthorizationServer, { clientId, hint, place, state, at }: LogoutRequest): string {
  const carried: Carried = { clientId, hint, place, state, at }
  return seal(derived.current('logout'), JSON.stringify(carried), CONTEXT)
}

async function openLogoutRequest(as: AuthorizationServer, sealed: string, now: EpochSeconds): Promise<LogoutRequest | OAuthError> {
  for (const key of as.derived.all('logout')) {
    const text = unseal(key, sealed, CONTEXT)
    if (text === undefined) continue
    const carried = JSON.parse(text) as Carried
    if (now < carried.at + GOOD_FOR) return stillRegistered(as, carried)
  }
  return new OAuthError('invalid_request', 'the request to sign out is over: begin again', { rule: 'LOGO-04' })
}

/** An operator may have taken the client or the address away while the person looked at the page. */
async function stillRegistered(as: AuthorizationServer, carried: Carried): Promise<LogoutRequest> {
  const client = carried.clientId === undefined ? undefined : (await as.clients.find(carried.clientId))?.client
  const place = client === undefined || carried.place === undefined ? undefined : registered(client, carried.place)
  return requestOf({ ...carried, place }, client)
}

/** The session that the hint is of: by its `sid` where it has one, else by the person (LOGO-04). */
export function hintedSession({ hint }: LogoutRequest, sessions: readonly Session[]): Session | undefined {
  if (hint === undefined) return undefined
  return sessions.find(({ value: { subject, sid } }) => subject === hint.subject && (hint.sid === undefined || hint.sid === sid))
}
