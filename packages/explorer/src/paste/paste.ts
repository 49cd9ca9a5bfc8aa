import { takeApart, type TakenApart } from '../dissect/jwt.ts'
import { bad, type Judged, type PasteCheck, type PasteOptions, unchecked } from './check.ts'
import { kindChecks, partyChecks, timeChecks, typeCheck } from './claims.ts'
import { guessKind, type TokenKind } from './kind.ts'
import { proofChecks } from './proof.ts'
import { signatureChecks } from './signature.ts'
import { sectionOf } from './sections.ts'
import { cleanText } from './text.ts'

/** Something that a person pasted, taken apart and looked at. Nothing of it leaves this place. */
export interface Pasted {
  readonly jwt: TakenApart
  readonly kind: TokenKind
  /** About what was pasted beside it. */
  readonly notes: readonly string[]
  readonly checks: readonly PasteCheck[]
}

/** Never throws, and asks nobody: keys and expectations come as data. */
export async function paste(pasted: string, options: PasteOptions): Promise<Pasted> {
  const { text, notes } = cleanText(pasted)
  const jwt = takeApart(text)
  const kind = options.kind ?? guessKind(jwt)
  const judged = await checksOf(jwt, kind, options)
  return { jwt, kind, notes, checks: judged.map((one) => ({ ...one, section: sectionOf(kind, one.check) })) }
}

async function checksOf(jwt: TakenApart, kind: TokenKind, options: PasteOptions): Promise<readonly Judged[]> {
  if (jwt.kind === 'JWE')
    return [
      ...jwt.wrong.map((say) => bad('form', say)),
      unchecked('content', 'It is encrypted (JWE): only its receiver can read it, so nothing in it is checked.'),
    ]
  if (jwt.kind === 'neither' && jwt.parts.length === 1)
    return [unchecked('content', 'This is no JWT. If it is a token, it is opaque: only who issued it can say what it means.')]
  const claims = jwt.payload?.members
  const form = jwt.wrong.map((say) => bad('form', say))
  if (jwt.header.members === undefined || claims === undefined) return form
  return [
    ...form,
    ...typeCheck(jwt, kind),
    ...(await signatureChecks(jwt, kind, options)),
    ...timeChecks(claims, kind, options),
    ...(kind === 'DPoP proof' ? await proofChecks(jwt, claims, options) : partyChecks(claims, kind, options)),
    ...kindChecks(claims, kind, options),
  ]
}
