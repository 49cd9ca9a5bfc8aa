import { createGuard } from '@holdfast/guard/web'
import { fetchGuard, toFetch } from '@holdfast/mount/fetch'
import { openApis, platformCertificate, routeResponse } from '../../test/guard-requests/apis.ts'

export { direct } from '../../test/guard-requests/direct.ts'

/** The APIs of the list as one `fetch` function, by WebCrypto: what Deno, Bun, workerd and a browser are given. */
export function open(issuer) {
  const { check, handler } = openApis(createGuard, issuer)
  const guarded = fetchGuard(check, routeResponse, { clientCertificate: platformCertificate })
  const rest = toFetch(handler)
  return (request) => (new URL(request.url).pathname.startsWith('/api/') ? guarded : rest)(request)
}
