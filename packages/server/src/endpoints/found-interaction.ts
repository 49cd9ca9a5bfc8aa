import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
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

/** One of another browser looks like one that never was. */
export async function findInteraction(as: AuthorizationServer, http: HttpRequest): Promise<Found | Reply> {
  const now = as.clock.now()
  const text = http.path.slice(http.path.lastIndexOf('/') + 1)
  const handle = parseHandle(text)
  const interaction = handle === undefined ? undefined : await as.store.read('interaction', handle.id)
  const known = secretMatches(handle?.secret ?? '', interaction?.value.secretHash)
  const here = await as.sessions.all(http, now)
  const current = known && interaction !== undefined && (interaction.expiresAt ?? 0) > now
  const ours = current && here.some((session) => isOf(interaction.value, session))
  if (!ours || interaction.value.answered !== undefined) {
    const answered = ours ? await as.clients.find(interaction.value.answered ?? '') : undefined
    const why = !current || ours ? 'the interaction is unknown, finished or expired' : 'the interaction belongs to another browser session'
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', why, { rule: 'BCP-06' }),
      'This page is no longer valid',
      'The sign-in was finished, took too long, or was started in another browser. Go back to the application and start again.',
      400,
      wayBack(as, answered?.client),
    )
  }
  const url = endpointUrl(as.issuer, `/interaction/${text}`)
  const { request, pushedRequestId, clientHash, visit } = interaction.value
  if (visit !== undefined) return { interaction, here, purpose: visit, url }
  const client = request === undefined ? undefined : await as.clients.find(request.clientId)
  if (client === undefined || request === undefined)
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'PAR-21' }),
      'This application is not available',
      'It was removed or switched off here. Nothing was shared with it.',
    )
  const over = await outdated(as, http, client.client, request, clientHash)
  return over ?? { interaction, here, purpose: { client, request, pushedRequestId }, url }
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
