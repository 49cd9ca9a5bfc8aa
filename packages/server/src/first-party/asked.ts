import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { matchRedirectUri } from '@holdfast/protocol/redirect-uri'
import { withHintedSubject } from '../authorization/hinted-subject.ts'
import { parseAskedAuthorization, redirectUriOf, REQUEST } from '../authorization/parse.ts'
import type { AskedAuthorization } from '../authorization/request.ts'
import type { RequestRules } from '../authorization/rules.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AuthSessionRecord } from '../records.ts'
import { checkSameKey } from '../tokens/bind.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'

/** What an app asks for, and where a browser would go should the person have to go on there. */
export type Asked = Pick<AuthSessionRecord, 'redirectUri'> & { readonly request: AskedAuthorization }

/** An authorization request by the same rules as at the authorization endpoint (FIPA-04). A `redirect_uri` is for the way out to the web. */
export async function readAsked(
  form: Form,
  { client, instance }: AuthenticatedClient,
  rules: RequestRules,
  binding: SenderConstraint | undefined,
  witness?: Witness,
): Promise<Asked | OAuthError> {
  const plain = parseAskedAuthorization(form, client, rules, witness)
  const parsed = plain instanceof OAuthError ? plain : await withHintedSubject(plain, form, client, rules, witness)
  if (parsed instanceof OAuthError) return parsed
  const own = form.has('redirect_uri') ? redirectUriOf(form, client) : onlyOf(client.redirectUris, client.applicationType === 'native')
  const sent = tellerOf(REQUEST, witness)('redirect_uri', 'OA-11', own)
  if (sent instanceof OAuthError) return sent
  const other = checkSameKey(parsed, binding, witness)
  return other ?? { request: { ...parsed, instance, dpopJkt: binding?.jkt ?? parsed.dpopJkt }, redirectUri: sent }
}

function onlyOf(registered: readonly string[], native: boolean): ValidRedirectUri | undefined {
  const [only, ...others] = registered
  return only === undefined || others.length > 0 ? undefined : matchRedirectUri(only, registered, native)
}

/** Plain JSON, so its text is what it says. */
export function sameRequest(one: AskedAuthorization | undefined, other: AskedAuthorization): boolean {
  return one !== undefined && JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(request: AskedAuthorization): readonly (readonly [string, unknown])[] {
  return Object.entries(request)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
