import type { Finding } from '@holdfast/protocol/witness'

/** Who takes part; a flow names them as they are in it, and leaves out whom it does not have. */
export type LaneId = 'browser' | 'client' | 'server' | 'api'

export interface Lane {
  readonly id: LaneId
  /** Such as `Your browser`, `The television`, `Backend for the page`. */
  readonly name: string
}

/** One line for each header, in the order sent. */
export interface Message {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface SentRequest extends Message {
  readonly method: string
  readonly url: string
}

export interface ReceivedResponse extends Message {
  readonly status: number
}

/** One request and its answer, as they went over the wire: an arrow and the arrow back. */
export interface Exchange {
  /** Names it within its run, for links. */
  readonly id: string
  /** The step of the flow that sent it, or the attack. */
  readonly step: string
  readonly from: LaneId
  readonly to: LaneId
  readonly title: string
  /** Such as `RFC 9126 §2.1`. */
  readonly standard: string
  /** Not sent from here, but by the browser or by another party: what the page shows of it is what its receiver saw, without secrets. */
  readonly front: boolean
  readonly request: SentRequest
  /** Undefined: no answer came. */
  readonly response: ReceivedResponse | undefined
  /** It arrived by a navigation, and what was answered to it went to the browser: no answer is missing. */
  readonly oneWay?: boolean | undefined
  /** A thief sent it. */
  readonly thief?: boolean | undefined
  /** What the receiver itself decided, check by check; undefined where it does not tell, as a foreign issuer does not. */
  readonly findings: readonly Finding[] | undefined
  /** What this side verified of the answer. */
  readonly seen: readonly Finding[]
  /** Milliseconds since 1970, and how many it took. */
  readonly at: number
  readonly took: number
}

/** Where a flow runs. What is absent makes the flows that need it unavailable, and they say so. */
export interface World {
  readonly issuer: string
  /** The API's identifier (RFC 8707), where it answers too. */
  readonly api?: string | undefined
  /** An address of the API that wants a fresher or stronger sign-in (RFC 9470). */
  readonly stepUp?: string | undefined
  /** A scope of the API. */
  readonly scope?: string | undefined
  /** The public client whose part this page plays, registered with this page's redirect URI. */
  readonly clientId?: string | undefined
  readonly redirectUri: string
  /** The public client of the device grant. */
  readonly deviceClientId?: string | undefined
  /** The client of first-party apps. */
  readonly firstPartyClientId?: string | undefined
  /** An MCP server (its resource identifier). */
  readonly mcp?: string | undefined
  /** Where receivers tell what they checked; development only. */
  readonly trace?: string | undefined
  /** The example application's back end, which runs the flows of confidential clients. */
  readonly backend?: string | undefined
  /** A page that has a backend for frontend, on one origin with it. */
  readonly bff?: string | undefined
  /** Somebody to sign in as. */
  readonly username?: string | undefined
}

export type AttackVerdict = 'refused' | 'won' | 'no answer'

export interface AttackResult {
  readonly attack: string
  readonly verdict: AttackVerdict
  /** The exchange that decided. */
  readonly exchange: string
  /** The check that refused, as the receiver told it; undefined where it does not tell, or nothing refused. */
  readonly caught: Finding | undefined
  /** What came of it this time, in one or two sentences. */
  readonly say?: string | undefined
}

/** What a person is asked by this page itself, as a first-party app asks her. */
export interface Question {
  readonly name: 'password' | 'otp'
  readonly label: string
  /** Not to be shown while it is typed. */
  readonly secret: boolean
}

/** A person has to act in a window of their own: the run goes on when they have. */
export interface Waiting {
  readonly url: string
  readonly say: string
  /** The window is an application's own, and does not close by itself. */
  readonly stays?: boolean | undefined
}

/** The run as it is now: plain data, so that it may come from another process. */
export interface RunView {
  readonly flow: string
  /** Steps of the flow that are done. */
  readonly done: number
  readonly exchanges: readonly Exchange[]
  readonly attacks: readonly AttackResult[]
  /** Something is under way. */
  readonly busy: boolean
  readonly waiting: Waiting | undefined
  /** A person has to type something, for `Runner.answer`. */
  readonly asking?: Question | undefined
  /** What went wrong, and how to go on. The run cannot go further. */
  readonly failed: { readonly say: string; readonly remedy: string } | undefined
}

/** A run, here or in the back end. */
export interface Runner {
  readonly view: RunView
  /** Calls back after each change. @returns ends it */
  subscribe(changed: () => void): () => void
  /** The next step. Resolves when it is done, or has failed. */
  step(): Promise<void>
  /** Plays the thief with what the run has now. */
  attack(id: string): Promise<void>
  /** What the person typed. */
  answer?(text: string): void
  /** She does not go on in the window, or does not answer: the step ends as failed. */
  cancel?(): void
  /** Forgets keys and tokens. */
  close(): void
}
