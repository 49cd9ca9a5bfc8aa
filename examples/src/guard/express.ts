import { createGuard } from '@holdfast/guard'
import { expressRoute } from '@holdfast/mount/express'
import express from 'express'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const orders = expressRoute(
  (request) => guard.check(request, { scopes: ['orders:read'] }),
  (request, response) => response.json({ owner: request.auth.subject }),
)
export const app = express().get('/orders', orders)
