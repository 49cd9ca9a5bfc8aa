import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { assetHref, signedOutScriptPath } from '../pages/assets.ts'
import { SignedOut } from '../pages/logout.tsx'
import type { SignedOutModel } from '../pages/models.ts'
import { formActionSource, renderPage } from '../pages/render.ts'
import { stateCookie } from '../sessions/browser-state.ts'
import type { Frame } from '../sessions/under-session.ts'
import { seeOther } from './answer.ts'
import type { LogoutRequest } from './end-session-request.ts'
import { stylesheetHref } from './page.ts'

/** What a sign-out came to. */
export interface Outcome {
  /** Session records that are gone. */
  readonly ids: readonly string[]
  readonly frames: readonly Frame[]
  /** By a hint or by the person's own word, the request is known to be right: then the browser may be sent on (LOGO-05). */
  readonly known: boolean
}

/**
 * The end of it, for a person who is signed out: on to the application, after the others were told (LOGO-06). With frames
 * the page goes on by itself when they have loaded; where nobody vouches for the request, a link is there to be pressed.
 */
export async function signedOut(as: AuthorizationServer, http: HttpRequest, request: LogoutRequest, outcome: Outcome): Promise<Reply> {
  const { onwards, clientName = '' } = request
  const { ids, frames, known } = outcome
  const now = as.clock.now()
  const left = (await as.sessions.all(http, now)).find(({ id, value }) => !ids.includes(id) && value.subject !== undefined)
  const headers: Reply['headers'] =
    ids.length === 0 ? {} : { 'set-cookie': [as.sessions.without(http, ids), ...stateCookie(as, left?.value, now)] }
  if (onwards !== undefined && known && frames.length === 0) return seeOther(onwards, headers)
  return shown(
    as,
    {
      title: 'You are signed out',
      explanation: explained(left !== undefined),
      frames: frames.map((frame) => ({ title: `Signing out of ${frame.clientName}`, src: addressOf(as, frame) })),
      onwards: onwards === undefined ? undefined : { href: onwards, label: clientName },
      scriptHref: onwards !== undefined && known ? assetHref(as.issuer, signedOutScriptPath) : undefined,
    },
    [...new Set(frames.map(({ uri }) => formActionSource(uri)))],
    headers,
  )
}

function explained(others: boolean): string {
  return others
    ? 'Applications that asked to be told have been told. Somebody else is still signed in in this browser.'
    : 'Applications that asked to be told have been told. Others may still know you until you sign out there too.'
}

/** The person changed their mind. No link: to the application, coming back would mean that they are signed out. */
export function stayed(as: AuthorizationServer): Reply {
  const explanation = 'Nothing was changed. You can close this page or go back to the application.'
  return shown(as, { title: 'You are still signed in', explanation, frames: [], onwards: undefined, scriptHref: undefined }, [], {})
}

function shown(
  as: AuthorizationServer,
  model: Omit<SignedOutModel, 'stylesheetHref'>,
  frames: readonly string[],
  headers: Reply['headers'],
): Reply {
  const page = SignedOut({ ...model, stylesheetHref: stylesheetHref(as) })
  return renderPage(page, { status: 200, formAction: [], frames, script: model.scriptHref !== undefined, headers })
}

/** Front-Channel Logout §2 (LOGO-20): `iss` and `sid`, both and always. */
function addressOf({ issuer }: AuthorizationServer, { uri, sid }: Frame): string {
  const query = new URLSearchParams({ iss: issuer, sid }).toString()
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}
