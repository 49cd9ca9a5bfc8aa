import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { readAnswer } from './read-answer.ts'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationServer } from '../authorization-server.ts'
import { Notice } from '../pages/notice.tsx'
import { renderPage } from '../pages/render.ts'
import { type Answered, answerWaiting } from './answer-waiting.ts'
import { DEVICE_CODE_GRANT } from './device-authorization.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { toSignIn, toSignInAnew } from './sign-in.ts'

/**
 * POST /device/decision: the yes or no, from the browser session that typed the code. Another session's form does not
 * open here, so whoever is talked into signing in somewhere cannot be made to approve there (RFC 8628 §5.4).
 */
export async function decideDevice(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readAnswer(as, http, 'device')
  if ('status' in read) return read
  const { person, id, answer } = read
  // Neither yes nor no is no yes: the person types the code again.
  if (answer === undefined) return toSignIn(as, 'device')

  const answered = await answerWaiting(
    as,
    person,
    answer === 'allow',
    {
      grantType: DEVICE_CODE_GRANT,
      approved: 'device.approved',
      refused: 'device.refused',
      read: () => as.store.read('device_request', id),
      answer: ({ version, expiresAt }, value) => [
        { op: 'replace', kind: 'device_request', id, expected: version, value, expiresAt },
        { op: 'delete', kind: 'user_code', id: value.userCodeId },
      ],
    },
    http.witness,
  )
  return told(as, http, answered)
}

function told(as: AuthorizationServer, http: HttpRequest, answered: Answered<unknown>): Reply {
  switch (answered.outcome) {
    case 'approved':
      return notice(as, 'Your device is connected', 'Go back to your device: it goes on by itself. You can close this page.')
    case 'denied':
      return notice(as, 'The device was not connected', 'Nothing was shared with it. You can close this page.')
    case 'stale':
      return toSignInAnew(as, 'device')
    case 'over':
      return errorPage(
        as,
        http,
        new OAuthError('invalid_request', 'the device request was answered already or has expired', { rule: 'DEV-18' }),
        'This request is over',
        'It was answered already, or it took too long. If your device still waits, let it show a new code.',
      )
    case 'forbidden':
      return errorPage(
        as,
        http,
        answered.why ?? new OAuthError('invalid_request', 'the client was removed or disabled', { rule: 'DEV-30' }),
        'This application is not available',
        'It was removed or switched off here, or may not have this access any more. Nothing was shared with it.',
      )
  }
}

function notice(as: AuthorizationServer, title: string, explanation: string): Reply {
  return renderPage(Notice({ stylesheetHref: stylesheetHref(as), title, explanation, link: undefined }), { status: 200, formAction: [] })
}
