import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, parseHandle, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { ClientDirectory } from '../client-authentication/clients.ts'
import type { Lifetimes } from '../config/options.ts'
import type { AuthSessionRecord, ServerChange, ServerReader } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'

export type AuthSession = Stored<AuthSessionRecord>

/** All but its secret, which is new after every step. */
export type SessionContent = Omit<AuthSessionRecord, 'secretHash'>

/** Who presents it. */
export interface Presenter {
  readonly client: AuthenticatedClient
  readonly binding: SenderConstraint | undefined
  readonly now: EpochSeconds
  /** Hears what is checked; only in development. */
  readonly witness?: Witness | undefined
}

/**
 * The session that `auth_session` leads to, on the device that it began on (§9.6). What is unknown, over, shown before or
 * another's gets one answer (FIPA-11).
 */
export async function findAuthSession(
  store: ServerReader,
  presented: string,
  { client, binding, now, witness }: Presenter,
): Promise<AuthSession | OAuthError> {
  const handle = parseHandle(presented)
  const session = handle === undefined ? undefined : await store.read('auth_session', handle.id)
  const known = secretMatches(handle?.secret ?? '', session?.value.secretHash) ? session : undefined
  const found = tellerOf('auth_session', witness)('known', 'FIPA-11', known ?? overtakenSession(GONE))
  if (found instanceof OAuthError) return found
  return firstRefusal('auth_session', sessionChecks, { session: found, client, binding, now }, witness) ?? found
}

const GONE = 'unknown, replaced or expired'

interface Shown extends Presenter {
  readonly session: AuthSession
}

/** In this order. Exported for tests, which take one out. */
export const sessionChecks: readonly NamedCheck<Shown, OAuthError>[] = [
  { name: 'not expired', rule: 'FIPA-11', check: checkNotExpired },
  { name: 'of this client', rule: 'FIPA-11', check: checkClient },
  { name: 'of this instance', rule: 'FIPA-11', check: checkInstance },
  { name: 'DPoP key', rule: 'FIPA-22', check: checkKey },
]

function checkNotExpired({ session, now }: Shown): OAuthError | undefined {
  return (session.expiresAt ?? 0) <= now ? overtakenSession(GONE) : undefined
}

function checkClient({ session: { value }, client }: Shown): OAuthError | undefined {
  return value.clientId === client.client.clientId ? undefined : overtakenSession(`of client ${value.clientId}`)
}

function checkInstance({ session: { value }, client }: Shown): OAuthError | undefined {
  return value.instance === client.instance ? undefined : overtakenSession('of another attested instance')
}

function checkKey({ session: { value }, binding }: Shown): OAuthError | undefined {
  if (value.jkt === undefined || value.jkt === binding?.jkt) return undefined
  const what = binding === undefined ? 'auth_session is bound to a DPoP key: send a proof' : 'auth_session is bound to another DPoP key'
  return new OAuthError('invalid_dpop_proof', `${what} (OAuth for First-Party Applications §9.6.1)`, { rule: 'FIPA-22' })
}

export function overtakenSession(detail: string): OAuthError {
  return new OAuthError('invalid_session', 'auth_session is unknown, expired or was replaced: start again without it', {
    rule: 'FIPA-11',
    detail,
  })
}

/** A session that begins: its handle, and what writes it. */
export function openAuthSession(
  content: SessionContent,
  lifetimes: Lifetimes,
  now: EpochSeconds,
): { readonly handle: string; readonly insert: ServerChange } {
  const id = newRecordId()
  const secret = newSecret()
  const value = { ...content, secretHash: secretHash(secret) }
  return {
    handle: formatHandle({ id, secret }),
    insert: { op: 'insert', kind: 'auth_session', id, value, expiresAt: endOf(value, lifetimes, now) },
  }
}

/** What a session says of the person once nobody is signed in on it. */
export const NOBODY = { subject: undefined, authTime: undefined, amr: [] } as const

export interface Rotated {
  readonly handle: string
  /** As it will be once `replace` is written. */
  readonly next: AuthSession
  readonly replace: ServerChange
}

/** A new secret for the next step. Of any number of requests with the old one, exactly one replaces it (FIPA-23). */
export function rotate(session: AuthSession, content: SessionContent, lifetimes: Lifetimes, now: EpochSeconds): Rotated {
  const secret = newSecret()
  const value = { ...content, secretHash: secretHash(secret) }
  const expiresAt = endOf(value, lifetimes, now)
  const { id, version } = session
  return {
    handle: formatHandle({ id, secret }),
    next: { id, version: version + 1, value, expiresAt },
    replace: { op: 'replace', kind: 'auth_session', id, expected: version, value, expiresAt },
  }
}

/** The same step goes on: what was found out about it is added, under the handle that it has already. */
export function amend(session: AuthSession, content: Partial<SessionContent>, lifetimes: Lifetimes, now: EpochSeconds): ServerChange {
  const value = { ...session.value, ...content }
  return {
    op: 'replace',
    kind: 'auth_session',
    id: session.id,
    expected: session.version,
    value,
    expiresAt: endOf(value, lifetimes, now),
  }
}

export function end({ id, version }: AuthSession): readonly ServerChange[] {
  return [
    { op: 'require', kind: 'auth_session', id, expected: version },
    { op: 'delete', kind: 'auth_session', id },
  ]
}

/** A sign-in takes as long as on the pages, and who signed in stays so for as long as a browser does. */
function endOf({ startedAt, authTime }: SessionContent, lifetimes: Lifetimes, now: EpochSeconds): EpochSeconds {
  return authTime === undefined
    ? startedAt + lifetimes.interaction
    : Math.min(authTime + lifetimes.sessionAbsolute, now + lifetimes.sessionIdle)
}

/**
 * §5.1: a public client may leave `client_id` out where `auth_session` names it. Credentials of a client name it
 * themselves, and are checked against the session.
 */
export async function clientOfSession(
  { store, clients }: { readonly store: ServerReader; readonly clients: ClientDirectory },
  request: HttpRequest,
  form: Form,
): Promise<string | undefined> {
  const credentials = request.headers('authorization').length > 0 || form.has('client_assertion') || form.has('client_secret')
  const presented = form.one('auth_session')
  const handle = credentials || typeof presented !== 'string' ? undefined : parseHandle(presented)
  if (handle === undefined) return undefined
  const session = await store.read('auth_session', handle.id)
  if (!secretMatches(handle.secret, session?.value.secretHash) || session === undefined) return undefined
  const found = await clients.find(session.value.clientId)
  return found?.client.tokenEndpointAuthMethod === 'none' ? session.value.clientId : undefined
}
