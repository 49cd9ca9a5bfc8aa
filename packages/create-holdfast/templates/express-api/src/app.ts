import { type Access, createGuard, type Need } from '@holdfast/guard'
import { expressGuard, toExpress } from '@holdfast/mount/express'
import express, { type Express, type Request } from 'express'

export interface Settings {
  readonly issuer: string
  /** How the world calls this API. */
  readonly url: string
}

export function createApp({ issuer, url }: Settings): Express {
  const resource = `${url}/notes`
  // Only tokens that are bound to a key come in: a stolen one is worth nothing.
  const guard = createGuard({ issuer, resource, scopes: ['notes:read', 'notes:write'], dpopRequired: true })
  const needs = (need: Need) => expressGuard((request) => guard.check(request, need))

  const app = express()
  // RFC 9728: tells clients which server they need a token of.
  app.use(
    '/.well-known',
    toExpress(async (request) => guard.metadata(request) ?? { status: 404, headers: {}, body: '' }),
  )

  app.get('/', (_request, response) => {
    response.json({ about: 'anybody may read this', notes: resource, issuer })
  })
  app.get('/notes', needs({ scopes: ['notes:read'] }), (request: Authorized, response) => {
    response.json({ of: request.auth?.subject, notes: ['Water the plants'] })
  })
  // RFC 9470: a person who signed in within five minutes, and no machine.
  app.delete('/notes', needs({ scopes: ['notes:write'], maxAge: 300 }), (_request, response) => {
    response.status(204).end()
  })
  return app
}

type Authorized = Request & { auth?: Access }
