import { type Access, createGuard } from '@holdfast/guard'
import { fetchGuard } from '@holdfast/mount/fetch'
import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const { router, procedure } = initTRPC.context<{ auth: Access }>().create()
const orders = { endpoint: '/trpc', router: router({ orders: procedure.query(({ ctx }) => ({ owner: ctx.auth.subject })) }) }
const answer = (req: Request, auth: Access): Promise<Response> => fetchRequestHandler({ ...orders, req, createContext: () => ({ auth }) })
export const api = fetchGuard((request) => guard.check(request, { scopes: ['orders:read'] }), answer)
