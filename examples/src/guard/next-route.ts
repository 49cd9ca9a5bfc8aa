import { createGuard } from '@holdfast/guard'
import { nextGuard } from '@holdfast/mount/next'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
export const GET = nextGuard(
  (request) => guard.check(request, { scopes: ['orders:read'] }),
  (_request, access) => Response.json({ owner: access.subject }),
)
