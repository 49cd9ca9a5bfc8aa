import { createGuard } from '@holdfast/guard/web'
import { fetchGuard } from '@holdfast/mount/fetch'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
export const answer = fetchGuard(
  (request) => guard.check(request, { scopes: ['orders:read'] }),
  (_request, access) => Response.json({ owner: access.subject }),
)
