import { createGuard } from '@holdfast/guard'
import { json, type Handler } from '@holdfast/protocol/http'

export interface ApiOptions {
  readonly issuer: string
  /** This API's identifier: what tokens must be made out to. */
  readonly resource: string
}

/** Below the accounts: only for who has just signed in. */
export const TRANSFER = '/transfer'
/** How long ago that may be, in seconds: enough to come back from signing in, and soon over for who tries it. */
const JUST = 15

/** An API at `/api/accounts` behind the guard: ten lines of protection, and then its own business. */
export function exampleApi({ issuer, resource }: ApiOptions): Handler {
  const guard = createGuard({ issuer, resource, scopes: ['accounts:read'] })
  return async (request) => {
    const metadata = guard.metadata(request)
    if (metadata !== undefined) return metadata
    const transfer = request.path === `/api/accounts${TRANSFER}`
    if (request.path !== '/api/accounts' && !transfer) return json(404, { error: 'not_found' })
    const verdict = await guard.check(request, { scopes: ['accounts:read'], ...(transfer && { maxAge: JUST }) })
    if (verdict.kind === 'refused') return verdict.reply
    if (transfer) return json(200, { transferred: '1.00', by: verdict.access.subject }, verdict.headers)
    const accounts = [
      { name: 'Everyday', balance: '1,204.50' },
      { name: 'Savings', balance: '18,000.00' },
    ]
    return json(200, { owner: verdict.access.subject, accounts }, verdict.headers)
  }
}
