import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createGuard } from '@holdfast/guard'
import { nodeGuard, toNodeListener } from '@holdfast/mount/node'
import { openApis, ROUTE_TYPE, routeBody } from '../../test/guard-requests/apis.ts'

/** The APIs of the list on `node:http` and `node:crypto`, for runtimes that have both. */
const { check, handler } = openApis(createGuard, JSON.parse(readFileSync(process.argv[2], 'utf8')))
const options = { clientCertificateFrom: { proxies: ['127.0.0.1'] } }
const guarded = nodeGuard(
  check,
  (request, response, access) => {
    const body = routeBody(request.method, access)
    response.writeHead(200, { 'content-type': ROUTE_TYPE, 'content-length': Buffer.byteLength(body) })
    response.end(request.method === 'HEAD' ? '' : body)
  },
  options,
)
const rest = toNodeListener(handler)
const server = createServer((request, response) => (request.url.startsWith('/api/') ? guarded : rest)(request, response))
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`))
