import { sameJson, type AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { revokeApplication } from '../interaction/revoke-application.ts'
import { permissionsOf, strangerOf } from '../interaction/steps/consent-page.ts'
import type { ApplicationModel } from '../pages/account-models.ts'
import type { ConsentRecord, GrantRecord } from '../records.ts'
import { readAccountForm, told } from './account-request.ts'
import { seeOther } from './answer.ts'

/** How far is looked, in pages of 200: every sign-in at an application leaves a grant until its tokens are over. */
const PAGES = 25
/** Requests that stand for themselves, such as payments, shown of one application; the newest. */
const DETAILS = 20

/** What one client has of the person, from every consent and grant. */
interface Held {
  readonly clientId: string
  readonly scopes: Set<string>
  readonly details: AuthorizationDetail[]
  givenAt: EpochSeconds
}

/** Which applications have access to the person's account; the newest first. */
export async function applicationsOf(as: AuthorizationServer, subject: string): Promise<readonly ApplicationModel[]> {
  const byClient: Map<string, Held> = new Map()
  for await (const { value } of listed(as, 'consent', subject)) hold(byClient, value, value.givenAt)
  const now = as.clock.now()
  for await (const { value, expiresAt } of listed(as, 'grant', subject))
    if (expiresAt === undefined || expiresAt > now) hold(byClient, value, value.createdAt)
  const held = [...byClient.values()].toSorted((one, other) => other.givenAt - one.givenAt)
  return Promise.all(held.map((one) => shown(as, one)))
}

async function* listed<K extends 'consent' | 'grant'>(
  as: AuthorizationServer,
  kind: K,
  subject: string,
): AsyncGenerator<{ readonly value: K extends 'grant' ? GrantRecord : ConsentRecord; readonly expiresAt: EpochSeconds | undefined }> {
  let after: string | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const page = await as.store.list<'consent' | 'grant'>(kind, 'subject', subject, { limit: 200, ...(after !== undefined && { after }) })
    for (const { value, expiresAt } of page.items) yield { value: value as K extends 'grant' ? GrantRecord : ConsentRecord, expiresAt }
    after = page.next
    if (after === undefined) return
  }
}

function hold(
  byClient: Map<string, Held>,
  { clientId, scopes, authorizationDetails }: Pick<GrantRecord, 'clientId' | 'scopes' | 'authorizationDetails'>,
  at: EpochSeconds,
): void {
  const held = byClient.get(clientId) ?? { clientId, scopes: new Set<string>(), details: [], givenAt: at }
  byClient.set(clientId, held)
  for (const scope of scopes) held.scopes.add(scope)
  for (const detail of authorizationDetails) if (!held.details.some((one) => sameJson(one, detail))) held.details.push(detail)
  held.givenAt = Math.max(held.givenAt, at)
}

async function shown(as: AuthorizationServer, { clientId, scopes, details, givenAt }: Held): Promise<ApplicationModel> {
  const client = (await as.clients.find(clientId))?.client
  return {
    clientId,
    name: client?.clientName ?? hostOf(clientId),
    stranger: client === undefined ? undefined : strangerOf(client),
    openHref: client === undefined ? undefined : ownPage(client),
    permissions: permissionsOf([...scopes], as.resources),
    details: client === undefined ? [] : as.requestRules.details.words(as.requestRules.details.entitled(details, client).slice(-DETAILS)),
    givenAt: new Date(givenAt * 1000),
  }
}

/** A client that is known by its URL and not found at it now: its host is what was proven of it. */
function hostOf(clientId: string): string | undefined {
  return clientId.startsWith('https://') && URL.canParse(clientId) ? new URL(clientId).host : undefined
}

/** An address that a stranger wrote gets no link beside what it was allowed. */
function ownPage({ origin, clientUri }: Client): string | undefined {
  return origin === 'operator' && clientUri?.startsWith('https://') === true ? clientUri : undefined
}

/** POST /account/applications: takes back what one of them was given. */
export async function revokeAccountApplication(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readAccountForm(as, http)
  if ('status' in read) return read
  const { person, form } = read
  const clientId = form.one('client')
  if (form.one('answer') !== 'revoke' || typeof clientId !== 'string') return seeOther(endpointUrl(as.issuer, '/account'))
  // A second click finds nothing any more, which is what was wanted.
  await revokeApplication(as, person.account.sub, clientId)
  return told(as, person, 'application-revoked')
}
