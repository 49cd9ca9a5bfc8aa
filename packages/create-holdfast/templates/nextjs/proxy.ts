import { type NextRequest, NextResponse } from 'next/server'

/** What pages may do: run the scripts that Next wrote into this very page, ask this server, and nothing else. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID()
  const inDevelopment = process.env.NODE_ENV === 'development'
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${inDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${inDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join('; ')
  const headers = new Headers(request.headers)
  // Next takes the nonce from here.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  response.headers.set('referrer-policy', 'same-origin')
  response.headers.set('x-content-type-options', 'nosniff')
  return response
}

/** Pages alone: what is below `bff`, `api` and `notes` says itself what holds. */
export const config = { matcher: '/((?!bff/|api/|notes|_next/|icon.svg).*)' }
