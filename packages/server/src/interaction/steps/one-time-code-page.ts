import type { Reply } from '@holdfast/protocol/http'
import { OneTimeCode } from '../../pages/one-time-code.tsx'
import { formActionSource, renderPage, SELF } from '../../pages/render.ts'
import type { InteractionState } from '../state.ts'
import type { FormFrame } from './login-page.ts'

/** Shows the page that asks for the second factor; with a fault after a wrong code. It may end at the client, like the sign-in page. */
export function oneTimeCodePage(
  { request, client, pending }: InteractionState,
  frame: FormFrame,
  failed: { readonly fault: string; readonly status: number } | undefined,
): Reply {
  const page = OneTimeCode({ ...frame, username: pending?.username ?? '', clientName: client.clientName, fault: failed?.fault })
  return renderPage(page, { status: failed?.status ?? 200, formAction: [SELF, formActionSource(request.redirectUri)] })
}
