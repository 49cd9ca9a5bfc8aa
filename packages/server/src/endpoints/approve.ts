import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { readAnswer } from './read-answer.ts'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Stored } from '@holdfast/store'
import { stillAllowed } from '../authorization/asked.ts'
import { CIBA_GRANT } from '../authorization/backchannel-request.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { csrfToken } from '../interaction/csrf.ts'
import { permissionsOf, strangerOf } from '../interaction/steps/consent-page.ts'
import { Approvals } from '../pages/approvals.tsx'
import type { ApprovalModel } from '../pages/models.ts'
import { Notice } from '../pages/notice.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import type { BackchannelRequestRecord } from '../records.ts'
import { seeOther } from './answer.ts'
import { answerWaiting, sealedReference } from './answer-waiting.ts'
import { openNotice, ping } from './backchannel-notice.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { type SignedInPerson, signedInPerson } from './person.ts'
import { toSignIn, toSignInAnew } from './sign-in.ts'

/** The most that one page asks. */
const SHOWN = 20
/** How far is looked for them, in pages of 200. */
const PAGES = 20

/** GET /approve: what clients ask of the person who is signed in, the oldest first (CIBA Core §8). */
export async function showApprovals(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const person = await signedInPerson(as, http)
  if (person === undefined) return toSignIn(as, 'approve')
  const waiting = await waitingFor(as, person.account.sub)
  const shown = await Promise.all(waiting.map((request) => shownRequest(as, person, request)))
  const page = Approvals({
    action: endpointUrl(as.issuer, '/approve'),
    stylesheetHref: stylesheetHref(as),
    subjectName: person.account.displayName,
    requests: shown.filter((one) => one !== undefined),
  })
  return renderPage(page, { status: 200, formAction: [SELF] })
}

/** The oldest that are alive. Expired ones stay listed until they are purged: they are passed over, and must not hide a live one. */
async function waitingFor(as: AuthorizationServer, subject: string): Promise<readonly Stored<BackchannelRequestRecord>[]> {
  const now = as.clock.now()
  const alive: Stored<BackchannelRequestRecord>[] = []
  let after: string | undefined
  for (let pages = 0; pages < PAGES && alive.length < SHOWN; pages++) {
    const listed = await as.store.list('backchannel_request', 'pendingFor', subject, { limit: 200, ...(after !== undefined && { after }) })
    alive.push(...listed.items.filter(({ value }) => value.endsAt > now))
    after = listed.next
    if (after === undefined) break
  }
  return alive.slice(0, SHOWN)
}

/** @returns undefined when the client is gone, or may not have this any more: there is nothing left to allow */
async function shownRequest(
  as: AuthorizationServer,
  { session }: SignedInPerson,
  { id, value }: Stored<BackchannelRequestRecord>,
): Promise<ApprovalModel | undefined> {
  const client = await as.clients.find(value.clientId)
  if (client === undefined || stillAllowed(value, CIBA_GRANT, client.client, as.requestRules) !== undefined) return undefined
  return {
    csrf: csrfToken(as.derived, session.id, `approve ${id}`),
    request: sealedReference(as, 'approve', id, session.id),
    clientName: client.client.clientName,
    stranger: strangerOf(client.client),
    bindingMessage: value.bindingMessage,
    requestedAt: new Date(value.requestedAt * 1000),
    permissions: permissionsOf(value.scopes, as.resources),
    details: as.requestRules.details.words(value.authorizationDetails),
  }
}

/** POST /approve: the yes or no to one of them, and word of it to the client. */
export async function answerApproval(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readAnswer(as, http, 'approve')
  if ('status' in read) return read
  const { person, id, answer } = read
  if (answer === undefined) return seeOther(endpointUrl(as.issuer, '/approve'))

  const answered = await answerWaiting<BackchannelRequestRecord>(
    as,
    person,
    answer === 'allow',
    {
      grantType: CIBA_GRANT,
      approved: 'backchannel.approved',
      refused: 'backchannel.refused',
      async read() {
        const request = await as.store.read('backchannel_request', id)
        return request?.value.subject === person.account.sub ? request : undefined
      },
      answer: ({ version, expiresAt }, value) => [
        {
          op: 'replace',
          kind: 'backchannel_request',
          id,
          expected: version,
          value: { ...value, pendingFor: undefined, pendingFrom: undefined, notificationToken: undefined },
          expiresAt,
        },
      ],
    },
    http.witness,
  )
  if (answered.outcome === 'stale') return toSignInAnew(as, 'approve')
  if (answered.outcome === 'over')
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', 'the request was answered already or has expired', { rule: 'CIBA-05' }),
      'This request is over',
      'It was answered already, or it took too long.',
    )
  if (answered.outcome === 'forbidden')
    return errorPage(
      as,
      http,
      answered.why ?? new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'CIBA-04' }),
      'This application is not available',
      'It was removed or switched off here, or may not have this access any more. Nothing was shared with it.',
    )
  await tell(as, answered.request.value)
  const [title, explanation] =
    answer === 'allow'
      ? ['You allowed it', 'The application goes on by itself. You can close this page.']
      : ['You did not allow it', 'The application was told, and nothing was shared with it.']
  const link = { href: endpointUrl(as.issuer, '/approve'), label: 'Other requests' }
  return renderPage(Notice({ stylesheetHref: stylesheetHref(as), title, explanation, link }), { status: 200, formAction: [] })
}

/** Begins to tell a client of ping; whether it hears is not the person's affair. */
async function tell(as: AuthorizationServer, { clientId, notificationToken }: BackchannelRequestRecord): Promise<void> {
  const notice = notificationToken === undefined ? undefined : openNotice(as.derived, notificationToken)
  const endpoint = (await as.clients.find(clientId))?.client.backchannel?.notificationEndpoint
  if (notice === undefined || endpoint === undefined) return
  void ping(as, endpoint, notice, clientId).catch((fault: unknown) =>
    as.log.error('telling a client failed', { clientId, fault: String(fault) }),
  )
}
