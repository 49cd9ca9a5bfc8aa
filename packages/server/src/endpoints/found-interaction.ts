import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { clientHash as hashOf } from '../interaction/consent-record.ts'
import { csrfToken } from '../interaction/csrf.ts'
import type { SignInState } from '../interaction/state.ts'
import type { FormFrame } from '../pages/models.ts'
import type { InteractionRecord, ServerChange } from '../records.ts'
import type { Session } from '../sessions/session.ts'
import { outdated } from './outdated.ts'
import { errorPage, stylesheetHref } from './page.ts'
import type { Purpose } from './purpose.ts'
import { wayBack } from './way-back.ts'

/** An interaction, in the browser that began it. */
export interface Found {
  readonly interaction: Stored<InteractionRecord>
  /** The sessions of this browser, the current one first; at least one. */
  readonly here: readonly Session[]
  readonly purpose: Purpose
  readonly url: string
}

/**
 * One of another browser looks like one that never was.
 *
 * @param witness hears what is found of it
 */
export async function findInteraction(
  as: AuthorizationServer,
  http: HttpRequest,
  witness: Witness | undefined = http.witness,
): Promise<Found | Reply> {
  const now = as.clock.now()
  const text = http.path.slice(http.path.lastIndexOf('/') + 1)
  const handle = parseHandle(text)
  const stored = handle === undefined ? undefined : await as.store.read('interaction', handle.id)
  const known = secretMatches(handle?.secret ?? '', stored?.value.secretHash) ? stored : undefined
  const here = await as.sessions.all(http, now)
  const tell = tellerOf('interaction', witness)
  const interaction = tell('known', 'BCP-06', known ?? over())
  if (interaction instanceof OAuthError) return overPage(as, http, interaction)
  const foreign = firstRefusal('interaction', interactionChecks, { interaction, here, now }, witness)
  if (foreign !== undefined) return overPage(as, http, foreign)
  const { answered, request, pushedRequestId, clientHash, visit } = interaction.value
  const done = tell('not answered before', 'BCP-06', answered === undefined ? undefined : over())
  if (done !== undefined) return overPage(as, http, done, (await as.clients.find(answered ?? ''))?.client)
  const url = endpointUrl(as.issuer, `/interaction/${text}`)
  if (visit !== undefined) return { interaction, here, purpose: visit, url }
  const found = request === undefined ? undefined : await as.clients.find(request.clientId)
  const client = tellerOf('client', witness)('known', 'PAR-21', found ?? removed())
  if (client instanceof OAuthError || request === undefined)
    return errorPage(
      as,
      http,
      client instanceof OAuthError ? client : removed(),
      'This application is not available',
      'It was removed or switched off here. Nothing was shared with it.',
    )
  const late = await outdated(as, http, client.client, request, clientHash ?? hashOf(client.client), witness)
  return late ?? { interaction, here, purpose: { client, request, pushedRequestId }, url }
}

interface Shown {
  readonly interaction: Stored<InteractionRecord>
  readonly here: readonly Session[]
  readonly now: EpochSeconds
}

/** Exported for tests, which take one out. */
export const interactionChecks: readonly NamedCheck<Shown, OAuthError>[] = [
  { name: 'not expired', rule: 'BCP-06', check: ({ interaction, now }) => ((interaction.expiresAt ?? 0) > now ? undefined : over()) },
  { name: 'of this browser', rule: 'BCP-06', check: checkBrowser },
]

function checkBrowser({ interaction, here }: Shown): OAuthError | undefined {
  if (!here.some((session) => isOf(interaction.value, session))) return over('the interaction belongs to another browser session')
  return undefined
}

function over(why: string = 'the interaction is unknown, finished or expired'): OAuthError {
  return new OAuthError('invalid_request', why, { rule: 'BCP-06' })
}

function removed(): OAuthError {
  return new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'PAR-21' })
}

/** @param client for whom it was answered: the person is shown the way on */
function overPage(as: AuthorizationServer, http: HttpRequest, error: OAuthError, client?: Client): Reply {
  return errorPage(
    as,
    http,
    error,
    'This page is no longer valid',
    'The sign-in was finished, took too long, or was started in another browser. Go back to the application and start again.',
    400,
    wayBack(as, client),
  )
}

/** Its session, or one that came after it in the same browser: people sign in in other tabs, too. */
function isOf({ sessionId, browser }: InteractionRecord, session: Session): boolean {
  return session.id === sessionId || (browser !== undefined && session.value.browser === browser)
}

/** The token of its forms: bound to the person they were shown to, so that a form for one is no answer of another. */
export function csrfOf(as: AuthorizationServer, { here, interaction }: Found, { person }: Pick<SignInState, 'person'>): string {
  return csrfToken(as.derived, (person?.session ?? (here[0] as Session)).id, interaction.id)
}

export function frameOf(as: AuthorizationServer, found: Found, state: Pick<SignInState, 'person'>): FormFrame {
  return { action: found.url, csrf: csrfOf(as, found, state), stylesheetHref: stylesheetHref(as) }
}

/**
 * The interaction is over with the answer to the client, in that commit. Whom it was for is kept until it would have expired: who
 * comes back to its page is shown the way on.
 */
export function finished({ interaction }: Pick<Found, 'interaction'>): readonly ServerChange[] {
  const { id, version, expiresAt } = interaction
  const { secretHash, sessionId, browser, request } = interaction.value
  if (request === undefined)
    return [
      { op: 'require', kind: 'interaction', id, expected: version },
      { op: 'delete', kind: 'interaction', id },
    ]
  const value: InteractionRecord = { secretHash, sessionId, browser, signedInAt: undefined, answered: request.clientId }
  return [{ op: 'replace', kind: 'interaction', id, expected: version, value, expiresAt }]
}

/** Writes how far it is. @returns undefined when another tab was first: then its page shows where things stand */
export async function keep(
  as: AuthorizationServer,
  found: Found,
  progress: Partial<InteractionRecord>,
  also: readonly ServerChange[] = [],
): Promise<Found | undefined> {
  const { id, version, expiresAt } = found.interaction
  const value: InteractionRecord = { ...found.interaction.value, ...progress }
  const outcome = await as.store.commit([{ op: 'replace', kind: 'interaction', id, expected: version, value, expiresAt }, ...also])
  return outcome === 'committed' ? { ...found, interaction: { id, version: version + 1, value, expiresAt } } : undefined
}
