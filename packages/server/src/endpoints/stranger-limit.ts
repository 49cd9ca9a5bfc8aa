import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import type { Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { witnessed } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { tokenError } from './answer.ts'
import type { ClientRequest } from './client-request.ts'

/** A quarter of an hour, in seconds. */
const WINDOW = 900
/** What public clients at one address may begin in a window: a large office does with less. */
const PER_ADDRESS = 1000

/**
 * Counts what anybody may begin in the name of a public client, and what stays in the store for a while: the limit of
 * RFC 8628 §5.1 for who asks, beside that for who types codes. Where the address is unknown nobody is refused.
 */
export async function tooManyBegun(as: AuthorizationServer, { request, client, endpoint, now }: ClientRequest): Promise<Reply | undefined> {
  const from = neighbourhood(request.clientAddress)
  if (client.method !== 'none' || from === '') return undefined
  const until = now - (now % WINDOW) + WINDOW
  const over = (await as.unproven.increment(`begun ${endpoint} ${until} ${from}`, until)) > PER_ADDRESS
  const error = witnessed(request.witness, { about: 'client', check: 'not too many begun', rule: 'OA-49' }, over ? tooMany() : undefined)
  if (error === undefined) return undefined
  as.refusals.count(error, endpoint, client.client.clientId, request.clientAddress)
  return { ...tokenError(request, error, { 'retry-after': String(until - now) }), status: 429 }
}

function tooMany(): OAuthError {
  return new OAuthError('temporarily_unavailable', 'too many requests of public clients come from this address: try again later')
}
