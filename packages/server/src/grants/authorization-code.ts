import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { checkVerifier } from '@holdfast/protocol/pkce'
import { parseResources } from '@holdfast/protocol/resource'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { Stored } from '@holdfast/store'
import {
  type Account,
  type AuthorizationCodeRecord,
  type DecideInput,
  type Decision,
  defineGrant,
  event,
  firstTokens,
  type GrantRecord,
  parseDetails,
  refuse,
  type RegisteredGrant,
} from './open.ts'

interface Params {
  readonly code: string
  readonly redirectUri: string | undefined
  readonly verifier: string | undefined
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  /** Undefined for an unknown code and for a wrong secret alike. */
  readonly code: Stored<AuthorizationCodeRecord> | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
}

export const authorizationCode: RegisteredGrant = defineGrant<Params, Facts>({
  type: 'authorization_code',
  spec: 'OAuth 2.1 §4.1.3',
  parse,
  async load({ store, accounts }, params) {
    const handle = parseHandle(params.code)
    const found = handle === undefined ? undefined : await store.read('authorization_code', handle.id)
    const code = secretMatches(handle?.secret ?? '', found?.value.secretHash) ? found : undefined
    const grant = code === undefined ? undefined : await store.read('grant', code.value.grantId)
    const account = grant === undefined ? undefined : await accounts.find(grant.value.subject)
    return { code, grant, account }
  },
  decide,
})

function parse(form: Form): Params | OAuthError {
  const code = form.need('code')
  if (code instanceof OAuthError) return code
  const redirectUri = form.one('redirect_uri')
  if (redirectUri instanceof OAuthError) return redirectUri
  const verifier = form.one('code_verifier')
  if (verifier instanceof OAuthError) return verifier
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const details = parseDetails(form)
  if (details instanceof OAuthError) return details
  return { code, redirectUri, verifier, resources, details }
}

/** Exported for its tests, which tell it facts as literals. */
export function decide(input: DecideInput<Params, Facts>): Decision {
  const { facts, policy, ambient } = input
  const { code, grant, account } = facts
  const { now } = ambient
  if (code === undefined) return refuse(new OAuthError('invalid_grant', 'code is unknown or expired', { rule: 'OA-50' }))

  // The order matters: only the client that asked, with its verifier and key, may learn or cause anything (OA-51).
  const notOwner = ownerFault(input, code.value)
  if (notOwner !== undefined) return refuse(notOwner)
  if (code.value.redeemedAt !== undefined) return replayed(code.value, grant, now)
  if (code.value.issuedAt + policy.lifetimes.authorizationCode <= now)
    return refuse(new OAuthError('invalid_grant', 'code is unknown or expired', { rule: 'OA-29' }))
  return firstTokens(input, {
    name: 'code',
    grantType: 'authorization_code',
    nonce: code.value.nonce,
    grant,
    account,
    spend: (grantEnd) => [
      {
        op: 'replace',
        kind: 'authorization_code',
        id: code.id,
        expected: code.version,
        value: { ...code.value, redeemedAt: now },
        expiresAt: grantEnd,
      },
    ],
  })
}

/** Client, redirect URI, PKCE, key: what shows that the presenter is the one the code was made for. */
function ownerFault({ params, client, binding }: DecideInput<Params, Facts>, code: AuthorizationCodeRecord): OAuthError | undefined {
  if (code.clientId !== client.client.clientId)
    return new OAuthError('invalid_grant', 'code is unknown or expired', { rule: 'OA-52', detail: `code of ${code.clientId}` })
  // OAuth 2.1 clients leave it out; PKCE stands in for it (OA-55), and where there is none, nothing does (OpenID Connect Core §3.1.3.2).
  if ((params.redirectUri !== undefined || code.challenge === undefined) && params.redirectUri !== code.redirectUri) {
    return new OAuthError('invalid_grant', 'redirect_uri differs from that of the authorization request', { rule: 'OA-55' })
  }
  const pkce = checkVerifier(params.verifier, code.challenge)
  if (pkce !== undefined) return pkce
  if (code.dpopJkt !== undefined && code.dpopJkt !== binding?.jkt) {
    return new OAuthError(
      'invalid_grant',
      binding === undefined
        ? 'code is bound to a DPoP key: send a proof (RFC 9449 §10)'
        : 'code is bound to another DPoP key (RFC 9449 §10)',
      { rule: 'DPOP-31' },
    )
  }
  if (code.instance !== undefined && code.instance !== client.instance)
    return new OAuthError('invalid_grant', 'code was requested by another instance of this client', { rule: 'ABCA-14' })
  return undefined
}

/** OAuth 2.1 §4.1.3: a second use is refused, and what the first use issued is revoked. */
function replayed(code: AuthorizationCodeRecord, grant: Stored<GrantRecord> | undefined, now: number): Decision {
  const refusal = new OAuthError('invalid_grant', 'code was already used: its tokens are revoked', { rule: 'OA-50' })
  if (grant === undefined) return refuse(refusal)
  return refuse(refusal, [
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: code.grantId },
    { op: 'require', kind: 'grant', id: grant.id, expected: grant.version },
    { op: 'delete', kind: 'grant', id: code.grantId },
    event('code.replayed', now, { clientId: code.clientId, subject: grant.value.subject }),
  ])
}
