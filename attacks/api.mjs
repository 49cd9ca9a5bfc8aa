/** An API behind the guard, beside something that nobody is meant to reach through an application: node api.mjs ISSUER RESOURCE PORT */
import { createGuard } from '@holdfast/guard'
import { serve } from '@holdfast/mount/node'

const [issuer, resource, port] = process.argv.slice(2)
const guard = createGuard({ issuer, resource })
await serve(
  async (request) => {
    if (request.path === '/internal') return { status: 200, headers: {}, body: 'what is internal' }
    const verdict = await guard.check(request, { scopes: ['accounts:read'] })
    return verdict.kind === 'refused' ? verdict.reply : { status: 200, headers: verdict.headers, body: verdict.access.subject }
  },
  { port: Number(port) },
)
