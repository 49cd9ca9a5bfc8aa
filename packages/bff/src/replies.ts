import { json, type Reply } from '@holdfast/protocol/http'
import type { Settings } from './settings.ts'

/**
 * BFF-04: a script is told where people sign in; it is never redirected. What it appends to `login_url` is where to come back to.
 * A session that somebody has ended leaves its cookie: the answer may come after that of a sign-in in another tab, and would take
 * the new one away.
 */
export function loginRequired({ basePath }: Pick<Settings, 'basePath'>, setCookie: readonly string[] = []): Reply {
  return json(
    401,
    { error: 'login_required', error_description: 'nobody is signed in in this browser', login_url: loginUrl(basePath) },
    setCookie.length === 0 ? {} : { 'set-cookie': setCookie },
  )
}

export function loginUrl(basePath: string): string {
  return `${basePath}/login?return_to=`
}

/** An outage is not the person's fault: they stay signed in. */
export function unavailable(description: string): Reply {
  return json(503, { error: 'temporarily_unavailable', error_description: description }, { 'retry-after': '5' })
}

export function tokenRefused(code: string): Reply {
  return json(502, {
    error: 'token_refused',
    error_description: `the authorization server gives no token for this API (${code}): its log and ours say why`,
  })
}

/** The cookies of a session that was renewed on the way. Those of the reply come last: a browser keeps the last one of a name. */
export function withCookies(reply: Reply, setCookie: readonly string[]): Reply {
  const all = [...setCookie, ...[reply.headers['set-cookie'] ?? []].flat()]
  return all.length === 0 ? reply : { ...reply, headers: { ...reply.headers, 'set-cookie': all } }
}
