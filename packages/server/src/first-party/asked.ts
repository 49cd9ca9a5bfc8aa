import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { matchRedirectUri } from '@holdfast/protocol/redirect-uri'
import { withHintedSubject } from '../authorization/hinted-subject.ts'
import { parseAskedAuthorization, redirectUriOf } from '../authorization/parse.ts'
import type { AskedAuthorization } from '../authorization/request.ts'
import type { RequestRules } from '../authorization/rules.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { AuthSessionRecord } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'

/** What an app asks for, and where a browser would go should the person have to go on there. */
export type Asked = Pick<AuthSessionRecord, 'redirectUri'> & { readonly request: AskedAuthorization }

/** An authorization request by the same rules as at the authorization endpoint (FIPA-04). A `redirect_uri` is for the way out to the web. */
export async function readAsked(
  form: Form,
  { client, instance }: AuthenticatedClient,
  rules: RequestRules,
  binding: SenderConstraint | undefined,
): Promise<Asked | OAuthError> {
  const plain = parseAskedAuthorization(form, client, rules)
  const parsed = plain instanceof OAuthError ? plain : await withHintedSubject(plain, form, client, rules)
  if (parsed instanceof OAuthError) return parsed
  const sent = form.has('redirect_uri') ? redirectUriOf(form, client) : onlyOf(client.redirectUris, client.applicationType === 'native')
  if (sent instanceof OAuthError) return sent
  const jkt = binding?.jkt
  if (jkt !== undefined && parsed.dpopJkt !== undefined && parsed.dpopJkt !== jkt)
    return new OAuthError('invalid_request', 'dpop_jkt is not the thumbprint of the key of the DPoP proof (RFC 9449 §10.1)', {
      rule: 'DPOP-33',
    })
  return { request: { ...parsed, instance, dpopJkt: jkt ?? parsed.dpopJkt }, redirectUri: sent }
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
