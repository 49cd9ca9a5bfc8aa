import { createGuard } from '@holdfast/guard'
import { honoGuard } from '@holdfast/mount/hono'
import { Hono } from 'hono'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const reads = honoGuard((request) => guard.check(request, { scopes: ['orders:read'] }))
export const app = new Hono().get('/orders', reads, (c) => c.json({ owner: c.get('auth').subject }))
