import { readFileSync } from 'node:fs'
import { createGuard } from '@holdfast/guard'
import { openApis } from '../../test/guard-requests/apis.ts'

/** Next bundles each entry apart; what was opened by one is the same for all that run in this process. */
export function apis() {
  globalThis.holdfastApis ??= openApis(createGuard, JSON.parse(readFileSync(process.env.HOLDFAST_ISSUER, 'utf8')))
  return globalThis.holdfastApis
}

/** Whether the middleware checks, or each route itself. */
export const byMiddleware = () => process.env.HOLDFAST_NEXT === 'middleware'
export const HANDOVER = { secret: new Uint8Array(32).fill(3) }
