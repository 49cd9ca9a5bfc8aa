/** An API of its own, which happens to live here: it takes tokens, and no cookies. Move it wherever it belongs. */
import { guarded } from '../../lib/guard.ts'

const notes = new Map<string, string[]>()

export const GET = guarded({ scopes: ['notes:read'] }, (_request, { subject }) =>
  Response.json({ notes: notes.get(subject) ?? ['Water the plants'] }),
)

// RFC 9470: not with a password alone.
export const DELETE = guarded({ scopes: ['notes:write'], acr: ['urn:notes:two-factors'] }, (_request, { subject }) => {
  notes.set(subject, [])
  return Response.json({ deleted: true })
})
