import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import { ASSETS } from '../pages/assets.ts'

/** GET /assets/*: what pages load. */
export function assets(_as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const found = ASSETS.find(({ path }) => request.path.endsWith(path))
  return Promise.resolve(
    found === undefined
      ? { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body: 'not found' }
      : {
          status: 200,
          headers: {
            'content-type': found.contentType,
            'cache-control': 'public, max-age=31536000, immutable',
            'x-content-type-options': 'nosniff',
          },
          body: found.body,
        },
  )
}
