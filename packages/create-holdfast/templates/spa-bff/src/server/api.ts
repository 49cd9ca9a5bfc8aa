import { type Access, createGuard, type Need } from '@holdfast/guard'
import { expressGuard } from '@holdfast/mount/express'
import { type Request, Router } from 'express'

/** An API of its own, which happens to live here: it takes tokens, and no cookies. Move it wherever it belongs. */
export function notesApi(issuer: string, url: string): Router {
  const guard = createGuard({ issuer, resource: `${url}/notes`, dpopRequired: true })
  const needs = (need: Need) => expressGuard((request) => guard.check(request, need))
  const notes = new Map<string, string[]>()
  const of = ({ auth }: Authorized): string => auth?.subject ?? ''

  const api = Router()
  api.get('/', needs({ scopes: ['notes:read'] }), (request, response) => {
    response.json({ notes: notes.get(of(request)) ?? ['Water the plants'] })
  })
  // RFC 9470: not with a password alone.
  api.delete('/', needs({ scopes: ['notes:write'], acr: ['urn:notes:two-factors'] }), (request, response) => {
    notes.set(of(request), [])
    response.json({ deleted: true })
  })
  return api
}

type Authorized = Request & { auth?: Access }
