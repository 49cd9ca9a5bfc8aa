import type { Attack } from '../attack.ts'
import { BFF_ATTACKS } from './bff.ts'
import { CAUGHT_BY } from './caught-by.ts'
import { CLIENT_ATTACKS } from './client.ts'
import { CODE_ATTACKS } from './code.ts'
import { FRONT_ATTACKS } from './front.ts'
import { PROOF_ATTACKS } from './proof.ts'
import { REFRESH_ATTACKS } from './refresh.ts'
import { TOKEN_ATTACKS } from './token.ts'

/** Every attack. A new one is an entry in the file of its theme. */
export const ATTACKS: readonly Attack[] = [
  ...FRONT_ATTACKS,
  ...CODE_ATTACKS,
  ...TOKEN_ATTACKS,
  ...PROOF_ATTACKS,
  ...REFRESH_ATTACKS,
  ...CLIENT_ATTACKS,
  ...BFF_ATTACKS,
].map((attack) => ({ ...attack, caughtBy: CAUGHT_BY[attack.id] }))
