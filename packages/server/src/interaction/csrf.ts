import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { equalSecrets } from '@holdfast/protocol/secret'
import { firstRefusal, type NamedCheck } from '@holdfast/protocol/witness'
import { type DerivedKeys, mac } from '../keys/derived.ts'

/** A form's token: bound to the browser's session and to the interaction, so that neither another site nor another tab's form fits. */
export function csrfToken(keys: DerivedKeys, sessionId: string, interactionId: string): string {
  return mac(keys.current('csrf'), `${sessionId} ${interactionId}`)
}

/** OIDC-22: the form came from our page in this browser. */
export function checkCsrf(request: HttpRequest, sent: string | undefined, expected: string, origin: string): OAuthError | undefined {
  return firstRefusal('session', formChecks, { request, sent, expected, origin }, request.witness)
}

interface SentForm {
  readonly request: HttpRequest
  readonly sent: string | undefined
  readonly expected: string
  readonly origin: string
}

const formChecks: readonly NamedCheck<SentForm, OAuthError>[] = [
  { name: 'form from this site', rule: 'OIDC-22', check: checkSite },
  { name: 'form of this session', rule: 'BCP-06', check: checkToken },
]

/** The browser's own word; under our referrer policy its `Origin` may be `null`. */
function checkSite({ request, origin }: SentForm): OAuthError | undefined {
  const site = request.headers('sec-fetch-site')[0]
  const from = request.headers('origin')[0]
  if ((site !== undefined && site !== 'same-origin') || (from !== undefined && from !== 'null' && from !== origin))
    return new OAuthError('invalid_request', 'the form was sent from another site', { rule: 'OIDC-22' })
  return undefined
}

function checkToken({ sent, expected }: SentForm): OAuthError | undefined {
  return sent !== undefined && equalSecrets(sent, expected)
    ? undefined
    : new OAuthError('invalid_request', 'the form does not belong to this browser session', { rule: 'BCP-06' })
}
