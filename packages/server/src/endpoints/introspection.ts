import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { ASSERTION_ALGORITHMS } from '../client-authentication/private-key-jwt.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS, KEY_MANAGEMENT_ALGORITHMS } from '../config/encryption-key.ts'
import { SIGNING_ALGORITHMS } from '../keys/key-ring.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, refused, settle } from './client-request.ts'
import { introspected } from './introspected.ts'
import { jwtAnswer, wantsJwt } from './introspection-jwt.ts'

/**
 * POST /introspect (RFC 7662 §2). The caller is a client that stands for resources (`protected_resources`); about any token
 * that it may not know it hears what it hears about an unknown one. A DPoP proof is not asked for and not looked at:
 * nothing here is bound to the caller's key.
 */
export async function introspection(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'introspect')
  if ('status' in received) return received
  const { client, form, now } = received
  const unproven = tellerOf('client', request.witness)('authenticated', 'INT-01', checkProven(received))
  if (unproven !== undefined) return refused(as, request, 'introspect', client.client.clientId, unproven)
  const token = tellerOf('request', request.witness)('token', 'INT-01', form.need('token'))
  await as.keys.refresh()
  return settle(as, received, undefined, async (witness) => {
    if (token instanceof OAuthError) return refuse(as, received, token)
    const scan = tellerOf('client', witness)('few unknown tokens', 'INT-10', scanFault(as, received))
    if (scan !== undefined) return refuse(as, received, scan)
    const answer = await introspected(as, client.client, token, now, witness)
    if (!answer.active) await missed(as, received)
    const reply = wantsJwt(request, client.client) ? await jwtAnswer(as, client.client, answer, now) : json(200, answer)
    return { reply, changes: [] }
  })
}

function checkProven({ client: { method } }: ClientRequest): OAuthError | undefined {
  if (method !== 'none') return undefined
  return new OAuthError('invalid_client', 'introspection is for clients that authenticate (RFC 7662 §2.1)', { rule: 'INT-01' })
}

function refuse(as: AuthorizationServer, { client, request }: ClientRequest, error: OAuthError): Attempt {
  as.refusals.count(error, 'introspect', client.client.clientId, request.clientAddress)
  return { reply: tokenError(request, error), changes: [] }
}

/** RFC 7662 §4 (INT-10): who stands for no resource has few tokens to ask about. Resource servers are not slowed (docs/decisions/0010). */
function scanFault(as: AuthorizationServer, { client, now }: ClientRequest): OAuthError | undefined {
  return as.guesses.blocked(scanOf(client.client.clientId), now)
    ? new OAuthError('temporarily_unavailable', 'too many unknown tokens were asked about: wait a minute', { rule: 'INT-10' })
    : undefined
}

const MISS = new OAuthError('invalid_token', 'a token was asked about that the caller is not told of', { rule: 'INT-05' })

/** Counted for the operator, who sees a scan in the summary of the minute; and against those who are slowed. */
async function missed(as: AuthorizationServer, { client, request, now }: ClientRequest): Promise<void> {
  as.refusals.count(MISS, 'introspect', client.client.clientId, request.clientAddress)
  if (client.client.protectedResources.length === 0) await as.guesses.failed(scanOf(client.client.clientId), now)
}

/** No address ends like this, so it is never the counter of anybody's failed authentication. */
function scanOf(clientId: string): string {
  return `${clientId} /introspect`
}

/** RFC 8414 §2, RFC 9701 §7. */
export function announcesIntrospection(as: AuthorizationServer): Readonly<Record<string, unknown>> {
  return {
    introspection_endpoint_auth_methods_supported: as.methods.map(({ name }) => name).filter((name) => name !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_signing_alg_values_supported: SIGNING_ALGORITHMS,
    introspection_encryption_alg_values_supported: KEY_MANAGEMENT_ALGORITHMS,
    introspection_encryption_enc_values_supported: CONTENT_ENCRYPTION_ALGORITHMS,
  }
}
