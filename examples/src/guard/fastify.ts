import { type Access, createGuard } from '@holdfast/guard'
import { fastifyGuard } from '@holdfast/mount/fastify'
import fastify from 'fastify'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const onRequest = fastifyGuard((request) => guard.check(request, { scopes: ['orders:read'] }))
export const app = fastify().decorateRequest('auth')
app.get('/orders', { onRequest }, (request) => ({ owner: request.getDecorator<Access>('auth').subject }))
