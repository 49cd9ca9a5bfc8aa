import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Proxy, ProxyOptions } from '../create.ts'
import { checkCsrf } from '../csrf.ts'

/** The smallest way to an API: enough to see what credentials sessions give out. */
export function plainProxy(send: typeof fetch): (options: ProxyOptions) => Proxy {
  return ({ routes, publicUrl, credentialFor }) => ({
    async handle(request) {
      const route = routes.find(({ path }) => request.path === path || request.path.startsWith(`${path}/`))
      if (route === undefined) return undefined
      const foreign = checkCsrf(request, publicUrl)
      if (foreign !== undefined) return foreign
      const url = new URL(route.upstream + request.path.slice(route.path.length))
      let reply: Reply = json(500, {})
      for (let tries = 0, renew = false; tries < 3; tries++) {
        const answer = await credentialFor(request, route, renew)
        if (answer.kind === 'refused') return answer.reply
        const headers = answer.kind === 'anonymous' ? {} : await answer.credential.headers(request.method, url)
        const response = await send(url, { method: request.method, headers })
        reply = await asReply(response, answer.kind === 'anonymous' ? [] : answer.setCookie)
        if (answer.kind === 'anonymous') return reply
        const asksForNonce = answer.credential.learn(response)
        if (response.status !== 401) return reply
        renew = !asksForNonce
      }
      return reply
    },
    upgrade: (_request: HttpRequest) => Promise.resolve(undefined),
  })
}

async function asReply(response: Response, setCookie: readonly string[]): Promise<Reply> {
  return { status: response.status, headers: { 'content-type': 'application/json', 'set-cookie': setCookie }, body: await response.text() }
}
