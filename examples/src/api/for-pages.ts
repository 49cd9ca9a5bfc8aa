import type { Handler } from '@holdfast/protocol/http'

const ALLOWED = 'Authorization, DPoP, Content-Type, Accept, MCP-Protocol-Version'
const EXPOSED = 'DPoP-Nonce, WWW-Authenticate, Date, Holdfast-Trace'

/** Lets pages of one origin call an API with a token that they hold themselves (CORS). No cookie is ever of use here. */
export function forPagesOf(origin: string, handler: Handler): Handler {
  const headers = { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' }
  return async (request) => {
    if (request.method === 'OPTIONS' && request.headers('access-control-request-method').length > 0) {
      const preflight = {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': ALLOWED,
        'access-control-max-age': '600',
      }
      return { status: 204, headers: { ...headers, ...preflight }, body: '' }
    }
    const reply = await handler(request)
    return { ...reply, headers: { ...reply.headers, ...headers } }
  }
}
