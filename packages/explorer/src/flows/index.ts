import type { Flow } from '../flow.ts'
import { bff } from './bff.ts'
import { ciba } from './ciba.ts'
import { codeDpop, codePar, codePkce, refreshRotation } from './code.ts'
import { device } from './device.ts'
import { firstParty } from './first-party.ts'
import { clientCredentials, tokenExchange } from './machines.ts'
import { mcp } from './mcp.ts'
import { signedMessages } from './signed.ts'
import { stepUp } from './step-up.ts'

/** Every flow, from the one to begin with. A new flow is a file and a line here. */
export const FLOWS: readonly Flow[] = [
  codePkce,
  codePar,
  codeDpop,
  refreshRotation,
  stepUp,
  signedMessages,
  clientCredentials,
  tokenExchange,
  device,
  ciba,
  firstParty,
  bff,
  mcp,
]
