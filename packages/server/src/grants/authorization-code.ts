import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { checkVerifier } from '@holdfast/protocol/pkce'
import { parseResources } from '@holdfast/protocol/resource'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import { firstRefusal, type NamedCheck, tellerOf } from '@holdfast/protocol/witness'
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
  type Policy,
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
  const { params, facts, client, binding, policy, ambient, witness } = input
  const { grant, account } = facts
  const { now } = ambient
  const tell = tellerOf('code', witness)
  const code = tell('known', 'OA-50', facts.code ?? unknownCode('OA-50'))
  if (code instanceof OAuthError) return refuse(code)

  // The order matters: only the client that asked, with its verifier and key, may learn or cause anything (OA-51).
  const notOwner = firstRefusal('code', ownerChecks, { code: code.value, params, client, binding }, witness)
  if (notOwner !== undefined) return refuse(notOwner)
  const used = tell('not used before', 'OA-50', checkUnused(code.value))
  if (used !== undefined) return replayed(used, code.value, grant, now)
  const late = tell('not expired', 'OA-29', checkNotExpired(code.value, policy, now))
  if (late !== undefined) return refuse(late)
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

interface Presented extends Pick<DecideInput<Params, Facts>, 'params' | 'client' | 'binding'> {
  readonly code: AuthorizationCodeRecord
}

/** Client, redirect URI, PKCE, key: what shows that the presenter is the one the code was made for. Exported for tests, which take one out. */
export const ownerChecks: readonly NamedCheck<Presented, OAuthError>[] = [
  { name: 'of this client', rule: 'OA-52', check: checkClient },
  { name: 'redirect_uri', rule: 'OA-55', check: checkRedirectUri },
  { name: 'PKCE verifier', rule: 'OA-53', check: ({ params, code }) => checkVerifier(params.verifier, code.challenge) },
  { name: 'DPoP key', rule: 'DPOP-31', check: checkKey },
  { name: 'of this instance', rule: 'ABCA-14', check: checkInstance },
]

function checkClient({ code, client }: Presented): OAuthError | undefined {
  if (code.clientId !== client.client.clientId) return unknownCode('OA-52', `code of ${code.clientId}`)
  return undefined
}

function checkRedirectUri({ params, code }: Presented): OAuthError | undefined {
  // OAuth 2.1 clients leave it out; PKCE stands in for it (OA-55), and where there is none, nothing does (OpenID Connect Core §3.1.3.2).
  if ((params.redirectUri !== undefined || code.challenge === undefined) && params.redirectUri !== code.redirectUri)
    return new OAuthError('invalid_grant', 'redirect_uri differs from that of the authorization request', { rule: 'OA-55' })
  return undefined
}

function checkKey({ code, binding }: Presented): OAuthError | undefined {
  if (code.dpopJkt !== undefined && code.dpopJkt !== binding?.jkt) {
    return new OAuthError(
      'invalid_grant',
      binding === undefined
        ? 'code is bound to a DPoP key: send a proof (RFC 9449 §10)'
        : 'code is bound to another DPoP key (RFC 9449 §10)',
      { rule: 'DPOP-31' },
    )
  }
  return undefined
}

function checkInstance({ code, client }: Presented): OAuthError | undefined {
  if (code.instance !== undefined && code.instance !== client.instance)
    return new OAuthError('invalid_grant', 'code was requested by another instance of this client', { rule: 'ABCA-14' })
  return undefined
}

function checkUnused({ redeemedAt }: AuthorizationCodeRecord): OAuthError | undefined {
  if (redeemedAt === undefined) return undefined
  return new OAuthError('invalid_grant', 'code was already used: its tokens are revoked', { rule: 'OA-50' })
}

function checkNotExpired({ issuedAt }: AuthorizationCodeRecord, { lifetimes }: Policy, now: number): OAuthError | undefined {
  return issuedAt + lifetimes.authorizationCode <= now ? unknownCode('OA-29') : undefined
}

/** One answer for a code that is not there, of somebody else, or over. */
function unknownCode(rule: string, detail?: string): OAuthError {
  return new OAuthError('invalid_grant', 'code is unknown or expired', { rule, ...(detail !== undefined && { detail }) })
}

/** OAuth 2.1 §4.1.3: a second use is refused, and what the first use issued is revoked. */
function replayed(refusal: OAuthError, code: AuthorizationCodeRecord, grant: Stored<GrantRecord> | undefined, now: number): Decision {
  if (grant === undefined) return refuse(refusal)
  return refuse(refusal, [
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: code.grantId },
    { op: 'require', kind: 'grant', id: grant.id, expected: grant.version },
    { op: 'delete', kind: 'grant', id: code.grantId },
    event('code.replayed', now, { clientId: code.clientId, subject: grant.value.subject }),
  ])
}
