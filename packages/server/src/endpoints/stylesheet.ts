import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { stylesheet as text, stylesheetPath } from '../pages/stylesheet.ts'

/** The one stylesheet of the pages. Its name holds its hash, so it may be kept for ever. */
export function stylesheet(_as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const found = request.path.endsWith(stylesheetPath)
  return Promise.resolve(
    found
      ? {
          status: 200,
          headers: {
            'content-type': 'text/css; charset=utf-8',
            'cache-control': 'public, max-age=31536000, immutable',
            'x-content-type-options': 'nosniff',
          },
          body: text,
        }
      : { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body: 'not found' },
  )
}
