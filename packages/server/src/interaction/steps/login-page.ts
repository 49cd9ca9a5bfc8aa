import type { Reply } from '@holdfast/protocol/http'
import { formActionSource, renderPage, SELF } from '../../pages/render.ts'
import { SignIn } from '../../pages/sign-in.tsx'
import type { InteractionState } from '../state.ts'

/** What every form page of an interaction needs. */
export interface FormFrame {
  readonly action: string
  readonly csrf: string
  readonly stylesheetHref: string
}

/** Shows the sign-in page; with a fault after a failed attempt. It may end at the client, when consent was given before. */
export function signInPage(
  { request, client }: InteractionState,
  frame: FormFrame,
  failed: { readonly fault: string; readonly username: string; readonly status: number } | undefined,
): Reply {
  const page = SignIn({
    ...frame,
    username: failed?.username ?? request.loginHint ?? '',
    clientName: client.clientName,
    fault: failed?.fault,
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: [SELF, formActionSource(request.redirectUri)] })
}
