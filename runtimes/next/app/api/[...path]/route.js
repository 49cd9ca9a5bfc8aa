import { handedAccess, nextGuard } from '@holdfast/mount/next'
import { platformCertificate, routeResponse } from '../../../../../test/guard-requests/apis.ts'
import { apis, byMiddleware, HANDOVER } from '../../../apis.mjs'

export const dynamic = 'force-dynamic'

const guarded = nextGuard((request) => apis().check(request), routeResponse, { clientCertificate: platformCertificate })

async function answer(request, context) {
  if (!byMiddleware()) return guarded(request, context)
  const access = await handedAccess(request, HANDOVER)
  return access === undefined ? new Response('no access was handed over', { status: 500 }) : routeResponse(request, access)
}
export { answer as DELETE, answer as GET, answer as HEAD, answer as OPTIONS, answer as PATCH, answer as POST, answer as PUT }
