import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstRefusal, type NamedCheck, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import type { ReadAccessToken } from './read-access-token.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** A token that a client shows to have it exchanged (RFC 8693). */
export interface ExchangedToken {
  readonly about: 'subject_token' | 'actor_token'
  readonly read: ReadAccessToken
  /** Whether it is said to be a JWT. */
  readonly asJwt: boolean
  readonly client: Client
  readonly binding: SenderConstraint | undefined
}

/** The client it was issued to, holding its key; or an API that it is for (TEX-11). */
export function checkPresenter(shown: ExchangedToken, witness?: Witness): OAuthError | undefined {
  const { about } = shown
  const chained =
    about === 'actor_token' ? witnessed(witness, { about, check: 'no actor of its own', rule: 'TEX-03' }, checkNoChain(shown)) : undefined
  return chained ?? firstRefusal(about, presenterChecks, shown, witness)
}

/** In this order. Exported for tests, which take one out. */
export const presenterChecks: readonly NamedCheck<ExchangedToken, OAuthError>[] = [
  { name: 'of this client, or for it', rule: 'TEX-11', check: checkClient },
  { name: 'DPoP key', rule: 'TEX-11', check: checkKey },
  { name: 'certificate', rule: 'TEX-11', check: checkCertificate },
  { name: 'type', rule: 'TEX-03', check: checkType },
]

/** An API that the subject token is for has it because somebody called it (TEX-11). With actor tokens it could say that its caller did what it did itself. */
function isForApi({ about, read, client }: ExchangedToken): boolean {
  return about === 'subject_token' && read.audience.some((one) => client.protectedResources.includes(one))
}

function checkNoChain({ about, read }: ExchangedToken): OAuthError | undefined {
  return read.actor === undefined ? undefined : unusableToken(about, 'itself used by an actor, which one chain cannot tell')
}

function checkClient(shown: ExchangedToken): OAuthError | undefined {
  const { about, read, client } = shown
  return isForApi(shown) || read.clientId === client.clientId ? undefined : unusableToken(about, `issued to ${read.clientId}`)
}

function checkKey(shown: ExchangedToken): OAuthError | undefined {
  const jkt = shown.read.confirmation?.jkt
  if (isForApi(shown) || jkt === undefined || jkt === shown.binding?.jkt) return undefined
  return unusableToken(shown.about, 'bound to another DPoP key than this request proves')
}

function checkCertificate(shown: ExchangedToken): OAuthError | undefined {
  const x5t = shown.read.confirmation?.x5t
  if (isForApi(shown) || x5t === undefined || x5t === shown.binding?.x5t) return undefined
  return unusableToken(shown.about, 'bound to another certificate than this request shows')
}

function checkType({ about, read, asJwt }: ExchangedToken): OAuthError | undefined {
  return asJwt && read.recordId !== undefined ? unusableToken(about, 'opaque, and no JWT') : undefined
}

/** One answer for every fault of a token: it tells nothing about tokens of others (TEX-03). */
export function unusableToken(about: ExchangedToken['about'], detail: string): OAuthError {
  const description =
    about === 'subject_token'
      ? 'subject_token is not a valid access token that this client may exchange'
      : 'actor_token is not a valid access token that was issued to this client'
  return new OAuthError('invalid_request', description, { rule: 'TEX-03', detail })
}
