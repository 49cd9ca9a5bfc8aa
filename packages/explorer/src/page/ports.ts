import type { Finding } from '@holdfast/protocol/witness'
import type { TokenKind } from '../paste/kind.ts'
import type { Exchange, Lane, LaneId, Runner, World } from '../model.ts'

/** What the page needs of the engine, in the page's words: the page knows no flow, no attack and no rule of a standard. */

export interface ToldStep {
  readonly id: string
  readonly title: string
  /** What happens and why, in a sentence or two. */
  readonly say: string
  /** Such as `RFC 9126 §2.1`. */
  readonly standard: string
}

export interface ToldFlow {
  /** Names it in links: `#/code-dpop`. */
  readonly id: string
  readonly title: string
  readonly say: string
  readonly lanes: readonly Lane[]
  readonly steps: readonly ToldStep[]
  /** Why it cannot run in this world; undefined: it can. */
  readonly missing: string | undefined
}

export interface ToldAttack {
  readonly id: string
  readonly flow: string
  /** The id of the step after which the thief has what it takes. */
  readonly after: string
  /** The step from which on it cannot be tried any more. */
  readonly before?: string | undefined
  readonly title: string
  /** What the thief has, and what it does with it. */
  readonly thief: string
  /** What would happen at a server without the check. */
  readonly without: string
  /** The finding that is expected to refuse; undefined: nothing stands in the way. */
  readonly check: { readonly about: string; readonly check: string } | undefined
  /** What it costs the owner, such as that the server takes her tokens back too. */
  readonly costs?: string | undefined
}

/** What a world offers. */
export interface Catalog {
  readonly flows: readonly ToldFlow[]
  readonly attacks: readonly ToldAttack[]
  /** A run that has not begun: it sends nothing until its first step. */
  start(flowId: string): Runner
}

export interface Construction {
  readonly title: string
  readonly say: string
  /** What there is after this step: text of several lines at most. */
  readonly text: string
}

export interface Jwt {
  readonly kind: TokenKind
  readonly header: Readonly<Record<string, unknown>>
  /** Undefined: it is encrypted, or no JSON object. */
  readonly payload: Readonly<Record<string, unknown>> | undefined
  /** `header.payload` as signed; empty where it is encrypted. */
  readonly signingInput: string
  /** base64url; empty where it has none. */
  readonly signature: string
  /** With whose key it was made, and where the public half is to be found; undefined: it has none. */
  readonly signer: string | undefined
  /** How it was made, step by step. */
  construction(): Promise<readonly Construction[]>
}

/** Where a name stands: the same name means another thing elsewhere. */
export type Place = 'request header' | 'response header' | 'query' | 'form' | 'request json' | 'response json' | 'jwt header' | 'claim'

export interface Explanation {
  readonly text: string
  readonly section: string
}

/** One place where the binding shows. */
export interface ThreadPart {
  /** The id of the exchange. */
  readonly exchange: string
  readonly side: 'request' | 'response'
  /** Whose hands it is in there; for words, not for drawing. */
  readonly lane: LaneId
  /** At most six characters, for the picture: `key`, `jkt`, `cnf`. */
  readonly short: string
  /** Such as `cnf.jkt of the access token`. */
  readonly title: string
  /** Equal to the thread's value, or the binding is broken here. */
  readonly value: string
}

/** A key, and every place that names it. */
export interface Thread {
  readonly id: string
  /** Such as `The DPoP key`. */
  readonly title: string
  /** What the binding is for, in a sentence. */
  readonly say: string
  /** The thumbprint, as it stands in the messages. */
  readonly value: string
  /** It leads from a proof to a token: they belong together. */
  readonly whole: boolean
  /** In the order of the exchanges. */
  readonly parts: readonly ThreadPart[]
}

/** What the reader says of the place where a pasted token or proof is shown; empty: not said. */
export interface PasteOptions {
  readonly method: string
  readonly url: string
  readonly issuer: string
  readonly audience: string
  /** The access token that a proof comes with, for `ath`. */
  readonly accessToken: string
}

export interface PasteFinding {
  /** `bad`: a receiver has to refuse it. `open`: it could not be looked at, or is only worth knowing. */
  readonly state: 'good' | 'bad' | 'open'
  readonly say: string
  readonly section: string
}

export interface Engine {
  open(world: World): Catalog
  /** The JWT in what somebody copied: from a header, a log, a mail that broke its lines. */
  jwtIn(pasted: string): string | undefined
  /** @returns undefined when the text is no JWT */
  dissect(text: string): Jwt | undefined
  /** @param kind of the JWT in which a claim stands */
  explain(place: Place, name: string, kind?: TokenKind): Explanation | undefined
  /** What a check asks for, in a sentence; undefined where there is none. */
  check(finding: Pick<Finding, 'about' | 'check'>): string | undefined
  thread(exchanges: readonly Exchange[]): Promise<readonly Thread[]>
  paste(text: string, options: PasteOptions): Promise<readonly PasteFinding[]>
  /** HTTP Archive 1.2, as text. */
  har(exchanges: readonly Exchange[]): string
  curl(exchange: Exchange): string
}
