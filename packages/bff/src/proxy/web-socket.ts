import { type HttpRequest, json } from '@holdfast/protocol/http'
import type { Upgrade } from '../bff.ts'
import { withCookies } from '../replies.ts'
import type { CredentialAnswer } from '../credential.ts'
import { type ProxyOptions, UNTIL_NEXT_PROOF } from './errand.ts'
import { refusalOf, refusalReply } from './refusals.ts'
import { requestHeaders } from './request-headers.ts'
import type { Route } from './routes.ts'

/**
 * Lets a page's WebSocket to its API. The handshake itself is the mount's: it owns both connections. The credential goes in
 * headers, and never in a subprotocol or the address, where logs would have it.
 */
export async function openWebSocket(options: ProxyOptions, route: Route, url: URL, request: HttpRequest): Promise<Upgrade> {
  if (route.api.webSocket !== true)
    return { kind: 'refused', reply: json(404, { error: 'not_found', error_description: 'this API has no WebSockets here' }) }
  if (!route.methods.has('GET'))
    return { kind: 'refused', reply: json(405, { error: 'invalid_request' }, { allow: [...route.methods].join(', ') }) }
  const refused = options.checkCsrfOfUpgrade(request)
  if (refused !== undefined) return { kind: 'refused', reply: refused }
  const headers = requestHeaders(request, route, options.publicUrl, false)
  if (!(headers instanceof Headers)) return { kind: 'refused', reply: headers }
  const passed = Object.fromEntries([...headers].filter(([name]) => name !== 'accept-encoding'))
  return allow(await options.credentialFor(request, route.api, false), { renewed: false, renonced: false, reproved: false }, [])

  async function allow(
    answer: CredentialAnswer,
    done: { readonly renewed: boolean; readonly renonced: boolean; readonly reproved: boolean },
    before: readonly string[],
  ): Promise<Upgrade> {
    if (answer.kind === 'refused') return { kind: 'refused', reply: withCookies(answer.reply, before) }
    const setCookie = answer.kind === 'credential' ? [...before, ...answer.setCookie] : before
    const credential = answer.kind === 'credential' ? answer.credential : undefined
    return {
      kind: 'allowed',
      url,
      headers: { ...passed, ...(await credential?.headers('GET', url)) },
      replyHeaders: setCookie.length === 0 ? {} : { 'set-cookie': setCookie },
      async refused(response) {
        const refusal = refusalOf(response)
        if (credential?.learn(response) === true && !done.renonced) return allow(answer, { ...done, renonced: true }, before)
        if (refusal?.error === 'invalid_token' && credential !== undefined && !done.renewed)
          return allow(await options.credentialFor(request, route.api, true), { ...done, renewed: true }, setCookie)
        if (refusal?.error === 'invalid_dpop_proof' && credential !== undefined && !done.reproved) {
          await options.sleep(UNTIL_NEXT_PROOF)
          return allow(answer, { ...done, reproved: true }, before)
        }
        if (refusal !== undefined) {
          options.onEvent({ type: 'api.token_refused', api: route.path, error: refusal.error })
          return { kind: 'refused', reply: withCookies(refusalReply(refusal, route, options.loginUrl, false), setCookie) }
        }
        const status = response.status >= 400 && response.status !== 407 ? response.status : 502
        return {
          kind: 'refused',
          reply: withCookies(json(status, { error: status === 502 ? 'bad_gateway' : 'refused_by_api' }), setCookie),
        }
      },
    }
  }
}
