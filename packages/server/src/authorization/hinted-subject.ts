import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Client } from '../config/client.ts'
import type { AskedAuthorization } from './request.ts'
import type { RequestRules } from './rules.ts'

/**
 * OIDC-18: an ID token of ours names the only person for whom the request may go on, and it need not be this client's. One that
 * has expired does (OpenID Connect Core §3.1.2.1); a false one is refused, since nobody's name would be taken for anybody's.
 * Whose client knows the person by another name is refused whoever is signed in: with `prompt=none` two pairwise clients would
 * find out by it that they serve one person (OIDC-56).
 */
export async function withHintedSubject<Asked extends AskedAuthorization>(
  asked: Asked,
  form: Form,
  client: Client,
  rules: Pick<RequestRules, 'readIdTokenHint' | 'subjects'>,
): Promise<Asked | OAuthError> {
  const sent = form.one('id_token_hint')
  if (sent === undefined || sent instanceof OAuthError) return sent ?? asked
  const hint = await rules.readIdTokenHint(sent)
  if (hint === undefined)
    return new OAuthError('invalid_request', 'id_token_hint is no ID token of this server, or its key is gone', { rule: 'OIDC-18' })
  return hint.clientId === client.clientId || hint.sub === rules.subjects.subjectFor(client, hint.subject)
    ? { ...asked, hintedSubject: hint.subject }
    : new OAuthError('invalid_request', 'id_token_hint is of a client that knows people by other names', { rule: 'OIDC-18' })
}
