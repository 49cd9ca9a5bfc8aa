import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf, type Witness, witnessed } from '@holdfast/protocol/witness'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { authenticateClient } from '../client-authentication/authenticate.ts'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { ServerChange } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { changedClient, conflictRefusal, replayedProof, tokenError, tooBusy } from './answer.ts'
import { burntBy, PROOF_IS_NEW, tellCommit } from './burnt.ts'
import { LastAttempt } from './last-attempt.ts'

/** A request of a client, past parsing and authentication. */
export interface ClientRequest {
  readonly request: HttpRequest
  /** For log and counters: where it came in. */
  readonly endpoint: string
  readonly form: Form
  readonly client: AuthenticatedClient
  readonly now: EpochSeconds
}

/**
 * Parses the form and authenticates the client; the same for every endpoint that a client calls (CAUTH-01).
 *
 * @param implied names the client of a request that leaves `client_id` out, where something else in it does
 */
export async function receive(
  as: AuthorizationServer,
  request: HttpRequest,
  endpoint: string,
  implied?: (form: Form) => Promise<string | undefined>,
): Promise<ClientRequest | Reply> {
  const { witness } = request
  const sent = tellerOf('request', witness)('form', 'OA-39', await readForm(request))
  if (sent instanceof OAuthError) return refused(as, request, endpoint, undefined, sent)
  const clientId = sent.has('client_id') ? undefined : await implied?.(sent)
  const form = clientId === undefined ? sent : sent.with('client_id', clientId)
  const now = as.clock.now()
  const audience = { issuer: as.issuer, tokenEndpoint: endpointUrl(as.issuer, '/token') }
  const proof = (nonceRequired: boolean): ReturnType<typeof as.dpop.check> =>
    as.dpop.check(request, relativePath(as, request), now, undefined, nonceRequired)
  const { clients, clientKeys: keys, guesses, methods, attestation } = as
  const context = { clients, audience, keys, guesses, methods, attestation, now, proof, witness }
  const client = await authenticateClient(request, form, context)
  if (client instanceof OAuthError) return refused(as, request, endpoint, named(form), client, headersAfter(as, request, now, client))
  return { request, endpoint, form, client, now }
}

async function readForm(request: HttpRequest): Promise<Form | OAuthError> {
  const sent = await Form.read(request)
  return sent instanceof OAuthError ? sent : (sent.fault ?? sent)
}

/** Only a proof is compared with it, and few methods of authentication ask for one. */
function relativePath({ issuer }: AuthorizationServer, { path }: HttpRequest): string {
  return path.slice(new URL(issuer).pathname.replace(/\/$/, '').length)
}

/** What the client needs for its next try (RFC 9449 §8.2, attestation-based client authentication §6.2). */
function headersAfter(as: AuthorizationServer, request: HttpRequest, now: EpochSeconds, error?: OAuthError): Reply['headers'] {
  const challenge = request.headers('oauth-client-attestation').length > 0 ? as.attestation?.challenge(now) : undefined
  return {
    ...as.dpop.headers(request, now),
    ...(error?.code === 'use_dpop_nonce' ? { 'dpop-nonce': as.dpop.nonces.issue(now) } : {}),
    ...(challenge === undefined ? {} : { 'oauth-client-attestation-challenge': challenge }),
  }
}

/** A refusal before anyone was proven: counted and logged, nothing stored. */
export function refused(
  as: AuthorizationServer,
  request: HttpRequest,
  endpoint: string,
  clientId: string | undefined,
  error: OAuthError,
  headers: Reply['headers'] = {},
): Reply {
  as.refusals.count(error, endpoint, clientId, request.clientAddress)
  return tokenError(request, error, headers)
}

function named(form: Form): string | undefined {
  const clientId = form.one('client_id')
  return typeof clientId === 'string' ? clientId : undefined
}

/** What a request did, and how it is told; `changes` is written before it is told. */
export interface Attempt {
  readonly reply: Reply
  readonly changes: readonly ServerChange[]
}

/**
 * Commits what an attempt decided together with what the request burnt, and tries again when the world moved
 * meanwhile: up to three times. The answer leaves only after the store has everything.
 *
 * @param attempt is given the witness to tell: an attempt that is made again decided nothing, so the last alone is heard
 */
export async function settle(
  as: AuthorizationServer,
  { request, endpoint, client, now }: ClientRequest,
  binding: SenderConstraint | undefined,
  attempt: (witness: Witness | undefined) => Attempt | Promise<Attempt>,
): Promise<Reply> {
  const unproven = client.method === 'none'
  const replayed = unproven && binding !== undefined ? await checkUnproven(as, request, binding) : undefined
  if (replayed !== undefined) return refused(as, request, endpoint, client.client.clientId, replayed)
  const last = new LastAttempt(request.witness)
  try {
    for (let tries = 0; tries < 3; tries++) {
      const witness = last.begin()
      const { reply: told, changes } = await attempt(witness)
      const reply = client.instance === undefined ? told : { ...told, headers: { ...told.headers, ...headersAfter(as, request, now) } }
      const failed = reply.status >= 400
      const burnt = unproven && failed && changes.length === 0 ? [] : burntBy(client, binding)
      if (burnt.length === 0 && changes.length === 0) return reply
      const all = [...(failed ? [] : client.require), ...changes, ...burnt]
      const outcome = await as.store.commit(all)
      const since = outcome !== 'committed' && outcome.conflict.kind === 'client' ? await as.clients.since(client) : undefined
      if (since === 'same') continue
      const refusal = outcome === 'committed' ? undefined : since === 'changed' ? changedClient() : conflictRefusal(outcome)
      if (outcome !== 'committed' && refusal === undefined) continue
      if (refusal !== undefined) last.overruled()
      tellCommit(witness, client, all, outcome, refusal)
      return refusal === undefined ? reply : refused(as, request, endpoint, client.client.clientId, refusal)
    }
  } finally {
    last.end()
  }
  return refused(as, request, endpoint, client.client.clientId, tooBusy())
}

/**
 * A public client proves nothing: its used proofs are remembered before anything else, and stored only with what they
 * achieved. So a stranger who makes up proofs cannot make the store grow.
 */
async function checkUnproven(
  { unproven }: AuthorizationServer,
  { witness }: HttpRequest,
  { proof }: SenderConstraint,
): Promise<OAuthError | undefined> {
  if (proof === undefined) return undefined
  const seen = (await unproven.add(`dpop ${proof.replayKey}`, proof.replayUntil)) === 'seen'
  return witnessed(witness, PROOF_IS_NEW, seen ? replayedProof() : undefined)
}
