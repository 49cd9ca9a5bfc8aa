import { createServer } from 'node:http'
import { createGuard } from '@holdfast/guard'
import { nodeGuard } from '@holdfast/mount/node'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const listener = nodeGuard(
  (request) => guard.check(request, { scopes: ['orders:read'] }),
  (_request, response, access) => void response.end(JSON.stringify({ owner: access.subject })),
)
export const server = createServer(listener)
