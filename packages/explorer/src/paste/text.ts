import { looksLikeJwt } from '../dissect/jwt.ts'

export interface CleanText {
  readonly text: string
  /** What was pasted beside it, and counts for nothing. */
  readonly notes: readonly string[]
}

const HEADER_NAME = /^(authorization|dpop|www-authenticate|[a-z_]+)\s*:\s*/i
const SCHEME = /^(bearer|dpop)\s+/i
/** Within JSON or an address. Whole, or not at all: what is cut off is what a receiver would refuse it for. */
const EMBEDDED = /(?<![\w.+/~-])eyJ[\w-]+(?:\.[\w-]*){2,4}(?![\w.+/=~-])/g
const QUOTES = /^["'`]+|["'`,;]+$/g

/** Finds the one token in what somebody copied: from a header, a log, a mail that broke its lines. */
export function cleanText(pasted: string): CleanText {
  const bare = pasted.trim().replace(HEADER_NAME, '').replace(QUOTES, '').replace(SCHEME, '')
  const pieces = bare.split(/\s+/).map((piece) => piece.replace(QUOTES, '').replace(HEADER_NAME, ''))
  const alone = pieces.filter(looksLikeJwt)
  const tokens = alone.length > 0 ? alone : (bare.match(EMBEDDED) ?? []).filter(looksLikeJwt)
  const [first] = tokens
  if (first === undefined) return { text: pieces.join(''), notes: [] }
  if (tokens.length > 1) return { text: first, notes: [`${tokens.length} tokens were pasted: the first is looked at.`] }
  // One token whose last part was broken over lines looks whole without the rest.
  const rest = pieces.slice(pieces.indexOf(first) + 1)
  const broken = alone.length > 0 && rest.length > 0 && rest.every((piece) => /^[A-Za-z0-9_-]+$/.test(piece))
  return { text: broken ? first + rest.join('') : first, notes: [] }
}
