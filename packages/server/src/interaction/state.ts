import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { AuthorizationRequest, Prompt } from '../authorization/request.ts'
import type { Client } from '../config/client.ts'
import type { ConsentRecord, PendingSignIn, ServerChange } from '../records.ts'
import type { Session } from '../sessions/session.ts'
import type { Account } from './accounts.ts'
import type { AuthenticationPolicy } from '../config/authentication-policy.ts'

/** What steps look at to tell whether they are needed: read anew for every request, so that no step can be skipped. */
export interface InteractionState extends SignInState {
  /** Undefined where the person signs in for a page of ours: then nothing is consented to. */
  readonly requested: Requested | undefined
}

/** A client's authorization request. */
export interface Requested {
  readonly request: AuthorizationRequest
  readonly client: Client
  /** What the person allowed this client before. */
  readonly consent: ConsentRecord | undefined
  /** That it still is: for the commit of a code that is issued without asking, or an access just taken back would go on. */
  readonly standing: readonly ServerChange[]
}

/** What of it the sign-in looks at. */
export interface SignInState {
  readonly asked: AskedSignIn
  readonly policy: AuthenticationPolicy
  /** The person whom this interaction is about; undefined while nobody is signed in. */
  readonly person: Person | undefined
  /** Everybody who is signed in in this browser. */
  readonly people: readonly Person[]
  readonly progress: Progress
  readonly now: EpochSeconds
}

export interface Person {
  readonly session: Session
  readonly account: Account
}

/** What is asked of a sign-in, by a client or by a page of ours. */
export interface AskedSignIn {
  readonly prompt: readonly Prompt[]
  readonly maxAge: Seconds | undefined
  /** One of these `acr` must be reached; empty: any will do. */
  readonly acrs: readonly string[]
  readonly loginHint: string | undefined
  /** A second factor is asked of whoever has one, whatever the policy asks by itself. */
  readonly allFactors: boolean
  /** The only person for whom this may go on (OIDC-18, OIDC-19). */
  isWanted(sub: string): boolean
}

/** What happened within this interaction. */
export interface Progress {
  /** When the person signed in, or proved a further factor: answers `prompt=login` and `max_age=0`. */
  readonly signedInAt: EpochSeconds | undefined
  /** The person chose whose account it is to be. */
  readonly selected: boolean
  /** The person wants to choose. */
  readonly choosing: boolean
  /** The sign-in is to begin anew, whoever is signed in: the person wants another account, or used up the tries for a factor. */
  readonly signInAgain: boolean
  /** Whose password was right, while a second factor is owed. */
  readonly pending: PendingSignIn | undefined
}

export const BEGINNING: Progress = { signedInAt: undefined, selected: false, choosing: false, signInAgain: false, pending: undefined }
