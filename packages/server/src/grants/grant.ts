import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import type { Change } from '@holdfast/store'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { Records } from '../records.ts'
import type { Issuance } from '../tokens/issuance.ts'
import type { CountedTokens } from '../tokens/issued-counts.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import type { Policy, Sources } from '../tokens/sources.ts'

/** Time and randomness, as arguments, so that a decision can be told twice. */
export interface Ambient {
  readonly now: EpochSeconds
  secret(): string
  recordId(): string
}

export interface DecideInput<Params, Facts> {
  readonly params: Params
  readonly facts: Facts
  readonly client: AuthenticatedClient
  readonly binding: SenderConstraint | undefined
  readonly policy: Policy
  readonly ambient: Ambient
  /** Hears each check as it decides, and changes nothing; only in development. */
  readonly witness?: Witness | undefined
}

/** Always both: what is answered, and what must be written for the answer to be true. A refusal may write too. */
export interface Decision<R extends Records = Records> {
  readonly answer: Issuance | OAuthError
  readonly changes: readonly Change<R>[]
  /** What of an answer is told in a sum once a minute, instead of by an event in `changes`: for what machines do all the time. */
  readonly counted?: CountedTokens | undefined
}

/**
 * One grant type: one file. The built-in ones are registered exactly as a stranger's would be.
 *
 * @typeParam R the server's records, and with them those of a grant that keeps its own: open the store with both
 */
export interface Grant<Params, Facts, R extends Records = Records> {
  /** `grant_type`. */
  readonly type: string
  /** Where it is defined, e.g. `RFC 8628 §3.4`. */
  readonly spec: string
  /** Pure. */
  parse(form: Form): Params | OAuthError
  /** Reads and verifies; writes nothing, by the type of `sources`. */
  load(sources: Sources<R>, params: Params, client: AuthenticatedClient, witness?: Witness): Promise<Facts>
  /** Pure and synchronous. */
  decide(input: DecideInput<Params, Facts>): Decision<R>
}

/** A grant whose own types are closed inside: what the endpoint's map holds. */
export interface RegisteredGrant<R extends Records = Records> {
  readonly type: string
  readonly spec: string
  begin(form: Form): BegunGrant<R> | OAuthError
}

/** A parsed request: load the facts and decide, as often as the world moves. */
export interface BegunGrant<R extends Records = Records> {
  attempt(sources: Sources<R>, input: Omit<DecideInput<unknown, unknown>, 'params' | 'facts'>): Promise<Decision<R>>
}

export function defineGrant<Params, Facts, R extends Records = Records>(grant: Grant<Params, Facts, R>): RegisteredGrant<R> {
  return {
    type: grant.type,
    spec: grant.spec,
    begin(form) {
      const params = grant.parse(form)
      if (params instanceof OAuthError) return params
      return {
        async attempt(sources, input) {
          const facts = await grant.load(sources, params, input.client, input.witness)
          return grant.decide({ ...input, params, facts })
        },
      }
    },
  }
}

export function refuse<R extends Records = Records>(answer: OAuthError, changes: readonly Change<R>[] = []): Decision<R> {
  return { answer, changes }
}
