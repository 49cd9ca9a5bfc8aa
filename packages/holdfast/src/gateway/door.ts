import type { Access, Guard } from '@holdfast/guard'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Routes } from './routes.ts'

/** Let in: with what the token says, or without a token where anybody may come. Or the reply to send instead. */
export type Decision =
  | { readonly kind: 'allowed'; readonly access: Access | undefined; readonly headers: Reply['headers'] }
  | { readonly kind: 'refused'; readonly reply: Reply }

/** Decides about a request to the API, whoever asks: this guard's own listener, or another proxy. */
export async function decide(request: HttpRequest, routes: Routes, guard: Guard): Promise<Decision> {
  const found = routes.find(request.path, request.method)
  if (found.kind === 'ambiguous')
    return { kind: 'refused', reply: json(400, { error: 'invalid_request', error_description: `${found.reason}: it is not handed on` }) }
  if (found.kind === 'method')
    return {
      kind: 'refused',
      reply: json(405, { error: 'invalid_request', error_description: 'the method is not allowed here' }, { allow: found.allow }),
    }
  if (found.entry === 'public') return { kind: 'allowed', access: undefined, headers: {} }
  return guard.check(request, found.entry)
}
