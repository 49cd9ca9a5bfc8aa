import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import type { IdTokenHint } from '../tokens/id-token-hint.ts'
import type { Subjects } from '../tokens/subjects.ts'
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
  witness?: Witness,
): Promise<Asked | OAuthError> {
  const sent = form.one('id_token_hint')
  if (sent === undefined || sent instanceof OAuthError) return sent ?? asked
  const tell = tellerOf('id_token_hint', witness)
  const hint = tell('ID token of this server', 'OIDC-18', (await rules.readIdTokenHint(sent)) ?? notOurs())
  if (hint instanceof OAuthError) return hint
  const stranger = tell('same name of the person', 'OIDC-18', checkName(hint, client, rules.subjects))
  return stranger ?? { ...asked, hintedSubject: hint.subject }
}

function notOurs(): OAuthError {
  return new OAuthError('invalid_request', 'id_token_hint is no ID token of this server, or its key is gone', { rule: 'OIDC-18' })
}

function checkName(hint: IdTokenHint, client: Client, subjects: Subjects): OAuthError | undefined {
  if (hint.clientId === client.clientId || hint.sub === subjects.subjectFor(client, hint.subject)) return undefined
  return new OAuthError('invalid_request', 'id_token_hint is of a client that knows people by other names', { rule: 'OIDC-18' })
}
