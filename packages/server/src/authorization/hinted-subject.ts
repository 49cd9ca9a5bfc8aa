import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AskedAuthorization } from './request.ts'
import type { RequestRules } from './rules.ts'

/**
 * OIDC-18: an ID token of ours names the only person for whom the request may go on, and it need not be this client's. One that
 * has expired does (OpenID Connect Core §3.1.2.1); a false one is refused, since nobody's name would be taken for anybody's.
 */
export async function withHintedSubject<Asked extends AskedAuthorization>(
  asked: Asked,
  form: Form,
  rules: Pick<RequestRules, 'readIdTokenHint'>,
): Promise<Asked | OAuthError> {
  const sent = form.one('id_token_hint')
  if (sent === undefined || sent instanceof OAuthError) return sent ?? asked
  const hint = await rules.readIdTokenHint(sent)
  if (hint !== undefined) return { ...asked, hintedSubject: hint.subject }
  return new OAuthError('invalid_request', 'id_token_hint is no ID token of this server, or its key is gone', { rule: 'OIDC-18' })
}
