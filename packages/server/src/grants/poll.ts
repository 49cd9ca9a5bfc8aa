import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
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
  const { client, binding, ambient } = input
  const { name, request } = poll
  const { now } = ambient
  const unknown = (detail?: string): Decision =>
    refuse(new OAuthError('invalid_grant', `${name} is unknown or used`, { rule: 'DEV-23', ...(detail !== undefined && { detail }) }))
  if (request === undefined) return unknown()
  const { value } = request

  // The order matters: only the client that asked, with its key, may learn how the request stands (DEV-25).
  if (value.clientId !== client.client.clientId) return unknown(`${name} of ${value.clientId}`)
  if (value.dpopJkt !== undefined && value.dpopJkt !== binding?.jkt)
    return refuse(
      new OAuthError('invalid_grant', `${name} is bound to the DPoP key of its request: send a proof of that key`, { rule: 'DEV-10' }),
    )
  if (value.instance !== undefined && value.instance !== client.instance)
    return refuse(new OAuthError('invalid_grant', `${name} was requested by another instance of this client`, { rule: 'ABCA-14' }))

  // A replay by the owner is a client that lost an answer, not a thief: nothing is revoked (DEV-24).
  if (value.state === 'redeemed') return unknown('redeemed before')
  if (value.state === 'denied') return refuse(new OAuthError('access_denied', 'the person did not allow it', { rule: 'DEV-22' }))
  if (value.endsAt <= now) return refuse(new OAuthError('expired_token', `${name} has expired: begin anew`, { rule: 'DEV-23' }))
  if (value.state === 'pending') return pending(poll, request, now)
  return firstTokens(input, {
    name,
    grantType: poll.grantType,
    nonce: undefined,
    grant: poll.grant,
    account: poll.account,
    spend: () => [poll.replace(request, { ...value, state: 'redeemed' })],
  })
}

/**
 * The time of the poll is written, so of two at once one is too fast. The interval grows once a second at most: a third
 * poll of that second is told so without a write, and a hundred at once come to an end.
 */
function pending<Request extends PolledRequest>(poll: Poll<Request>, request: Stored<Request>, now: number): Decision {
  const { value } = request
  const early = value.polledAt !== undefined && now - value.polledAt < value.interval
  if (!early)
    return refuse(new OAuthError('authorization_pending', 'the person has not answered yet', { rule: 'DEV-20' }), [
      poll.replace(request, { ...value, polledAt: now }),
    ])
  const raised = value.slowedAt !== now
  const interval = value.interval + (raised ? SLOWER : 0)
  return refuse(
    new OAuthError('slow_down', `polls must be at least ${interval} s apart from now on (RFC 8628 §3.5)`, { rule: 'DEV-21' }),
    raised ? [poll.replace(request, { ...value, interval, polledAt: now, slowedAt: now })] : [],
  )
}
