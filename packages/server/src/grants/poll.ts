import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import type { Account } from '../interaction/accounts.ts'
import type { GrantRecord, PolledRequest, ServerChange } from '../records.ts'
import { firstTokens, type TokenParams } from './first-tokens.ts'
import { type DecideInput, type Decision, refuse } from './grant.ts'

/** RFC 8628 §3.5: what a poll that was too fast adds to the interval. */
const SLOWER = 5

/** A request that waits for a person elsewhere, as its client's poll found it. */
export interface Poll<Request extends PolledRequest> {
  /** For descriptions: `device_code`, `auth_req_id`. */
  readonly name: string
  readonly grantType: string
  /** Undefined for an unknown one and for a wrong secret alike. */
  readonly request: Stored<Request> | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
  /** Writes the request back, to live as long as before. */
  replace(request: Stored<Request>, value: Request): ServerChange
}

/** The record that a handle leads to, when the secret is the record's; an unknown id takes as long. */
export async function polledRequest<Request extends PolledRequest>(
  handle: string,
  read: (id: string) => Promise<Stored<Request> | undefined>,
): Promise<Stored<Request> | undefined> {
  const parsed = parseHandle(handle)
  const found = parsed === undefined ? undefined : await read(parsed.id)
  return secretMatches(parsed?.secret ?? '', found?.value.secretHash) ? found : undefined
}

/** RFC 8628 §3.5, CIBA Core §11: pending, too fast, refused, too late, or the tokens: once. */
export function answerPoll<Request extends PolledRequest>(input: DecideInput<TokenParams, unknown>, poll: Poll<Request>): Decision {
  const { client, binding, ambient, witness } = input
  const { name } = poll
  const { now } = ambient
  const request = tellerOf(name, witness)('known', 'DEV-23', poll.request ?? unknownRequest(name))
  if (request instanceof OAuthError) return refuse(request)
  const { value } = request
  const refusal = firstRefusal(name, pollChecks, { name, value, client, binding, now }, witness)
  if (refusal !== undefined) return refuse(refusal)
  if (value.state === 'pending') return pending(poll, request, now, witness)
  return firstTokens(input, {
    name,
    grantType: poll.grantType,
    nonce: undefined,
    grant: poll.grant,
    account: poll.account,
    spend: () => [poll.replace(request, { ...value, state: 'redeemed' })],
  })
}

interface Polled extends Pick<DecideInput<unknown, unknown>, 'client' | 'binding'> {
  readonly name: string
  readonly value: PolledRequest
  readonly now: EpochSeconds
}

/** The order matters: only the client that asked, with its key, may learn how the request stands (DEV-25). Exported for tests, which take one out. */
export const pollChecks: readonly NamedCheck<Polled, OAuthError>[] = [
  { name: 'of this client', rule: 'DEV-25', check: checkClient },
  { name: 'DPoP key', rule: 'DEV-10', check: checkKey },
  { name: 'of this instance', rule: 'ABCA-14', check: checkInstance },
  { name: 'not used before', rule: 'DEV-24', check: checkUnused },
  { name: 'not denied', rule: 'DEV-22', check: checkNotDenied },
  { name: 'not expired', rule: 'DEV-23', check: checkNotExpired },
]

function checkClient({ name, value, client }: Polled): OAuthError | undefined {
  return value.clientId === client.client.clientId ? undefined : unknownRequest(name, `${name} of ${value.clientId}`)
}

function checkKey({ name, value, binding }: Polled): OAuthError | undefined {
  if (value.dpopJkt === undefined || value.dpopJkt === binding?.jkt) return undefined
  return new OAuthError('invalid_grant', `${name} is bound to the DPoP key of its request: send a proof of that key`, { rule: 'DEV-10' })
}

function checkInstance({ name, value, client }: Polled): OAuthError | undefined {
  if (value.instance === undefined || value.instance === client.instance) return undefined
  return new OAuthError('invalid_grant', `${name} was requested by another instance of this client`, { rule: 'ABCA-14' })
}

/** A replay by the owner is a client that lost an answer, not a thief: nothing is revoked (DEV-24). */
function checkUnused({ name, value }: Polled): OAuthError | undefined {
  return value.state === 'redeemed' ? unknownRequest(name, 'redeemed before') : undefined
}

function checkNotDenied({ value }: Polled): OAuthError | undefined {
  return value.state === 'denied' ? new OAuthError('access_denied', 'the person did not allow it', { rule: 'DEV-22' }) : undefined
}

function checkNotExpired({ name, value, now }: Polled): OAuthError | undefined {
  return value.endsAt <= now ? new OAuthError('expired_token', `${name} has expired: begin anew`, { rule: 'DEV-23' }) : undefined
}

function unknownRequest(name: string, detail?: string): OAuthError {
  return new OAuthError('invalid_grant', `${name} is unknown or used`, { rule: 'DEV-23', ...(detail !== undefined && { detail }) })
}

/**
 * The time of the poll is written, so of two at once one is too fast. The interval grows once a second at most: a third
 * poll of that second is told so without a write, and a hundred at once come to an end.
 */
function pending<Request extends PolledRequest>(
  poll: Poll<Request>,
  request: Stored<Request>,
  now: EpochSeconds,
  witness: Witness | undefined,
): Decision {
  const tell = tellerOf(poll.name, witness)
  const { value } = request
  const early = value.polledAt !== undefined && now - value.polledAt < value.interval
  const raised = early && value.slowedAt !== now
  const interval = value.interval + (raised ? SLOWER : 0)
  const hurry = tell('not too fast', 'DEV-21', early ? tooFast(interval) : undefined)
  if (hurry !== undefined) return refuse(hurry, raised ? [poll.replace(request, { ...value, interval, polledAt: now, slowedAt: now })] : [])
  return refuse(
    tell('answered', 'DEV-20', new OAuthError('authorization_pending', 'the person has not answered yet', { rule: 'DEV-20' })),
    [poll.replace(request, { ...value, polledAt: now })],
  )
}

function tooFast(interval: Seconds): OAuthError {
  return new OAuthError('slow_down', `polls must be at least ${interval} s apart from now on (RFC 8628 §3.5)`, { rule: 'DEV-21' })
}
