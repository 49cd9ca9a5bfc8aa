import type { Members } from '../encoding.ts'
import type { TokenKind } from './kind.ts'

/** What was looked at in something pasted. What could not be is said, and never passes for good. */
export interface PasteCheck {
  readonly check: string
  readonly state: 'good' | 'bad' | 'not checked'
  readonly say: string
  /** Where that is written, such as `RFC 9449 §4.3`. */
  readonly section: string
}

/** Before its section is looked up. */
export type Judged = Omit<PasteCheck, 'section'>

export interface PasteOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** In place of the guess. */
  readonly kind?: TokenKind | undefined
  /** Whose it should be, and the keys that it publishes. */
  readonly issuer?: string | undefined
  readonly keys?: readonly Members[] | undefined
  /** Whom it should be for. */
  readonly audience?: string | undefined
  /** The request that a proof should be for. */
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** The access token that a proof should go with. */
  readonly token?: string | undefined
  /** The nonce that was handed out, or that the request had. */
  readonly nonce?: string | undefined
}

export const good = (check: string, say: string): Judged => ({ check, state: 'good', say })
export const bad = (check: string, say: string): Judged => ({ check, state: 'bad', say })
export const unchecked = (check: string, say: string): Judged => ({ check, state: 'not checked', say })
