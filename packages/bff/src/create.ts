import { json, type Reply } from '@holdfast/protocol/http'
import { OutcomeUnknown, type Store, StoreUnavailable } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { ServerLink } from './authorization-server/server-link.ts'
import type { Backend } from './backend.ts'
import type { Bff } from './bff.ts'
import { createCredentialFor } from './credentials.ts'
import { checkCsrf, checkCsrfOfUpgrade } from './csrf.ts'
import { endpoints } from './endpoints/index.ts'
import type { BffOptions } from './options.ts'
import { createProxy } from './proxy/index.ts'
import { bffKinds, type BffRecords } from './records.ts'
import { unavailable } from './replies.ts'
import { CookieSessions } from './sessions/cookie-sessions.ts'
import { StoredSessions } from './sessions/stored-sessions.ts'
import { settingsOf } from './settings.ts'

/**
 * One backend for one web application (draft-ietf-oauth-browser-based-apps §6.1). Nothing is asked of the authorization server
 * until somebody signs in.
 *
 * @throws {TypeError} an option is wrong: the message names it and the rule
 */
export function createBff(options: BffOptions): Bff {
  const settings = settingsOf(options)
  const sessions =
    options.sessions === 'cookie'
      ? new CookieSessions(settings)
      : new StoredSessions(settings, options.sessions ?? ownStore(settings.clock))
  const backend: Backend = { settings, sessions, link: new ServerLink(settings) }
  const { apis: routes, publicUrl, basePath, fetch, sleep, tell } = settings
  const proxy = createProxy({
    routes,
    publicUrl,
    credentialFor: createCredentialFor(backend),
    checkCsrf: (request) => checkCsrf(request, publicUrl),
    checkCsrfOfUpgrade: (request) => checkCsrfOfUpgrade(request, publicUrl),
    loginUrl: `${basePath}/login`,
    fetch,
    sleep,
    onEvent: tell,
  })
  const byPath = new Map(endpoints.map((endpoint) => [basePath + endpoint.path, endpoint]))
  return {
    async handle(request) {
      const endpoint = byPath.get(request.path)
      if (endpoint !== undefined && !endpoint.methods.includes(request.method)) return methodNotAllowed(endpoint.methods)
      return orAway(() => (endpoint === undefined ? proxy.handle(request) : endpoint.answer(backend, request)))
    },
    async upgrade(request) {
      const answer = await orAway(() => proxy.upgrade(request))
      return answer !== undefined && 'status' in answer ? { kind: 'refused', reply: answer } : answer
    },
    async session(request) {
      const found = await sessions.find(request)
      return found === undefined ? undefined : { claims: found.contents.claims, idleAt: found.idleAt, endsAt: found.endsAt }
    },
  }
}

/** A store that is away is an outage like any other: nobody is signed out by it. */
async function orAway<T>(answer: () => Promise<T>): Promise<T | Reply> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof OutcomeUnknown)
      return unavailable('the session store cannot be reached: try again soon')
    throw error
  }
}

function methodNotAllowed(methods: readonly string[]): Reply {
  return json(405, { error: 'invalid_request', error_description: `only ${methods.join(' and ')} here` }, { allow: methods.join(', ') })
}

/** Sessions in this process. Nobody else purges what nobody else knows, so it is done along the way. */
function ownStore(clock: BffOptions['clock'] & object): Store<BffRecords> {
  const store = openMemoryStore(bffKinds)
  let purged = clock.now()
  return {
    read: (kind, id) => store.read(kind, id),
    list: (kind, index, value, page) => store.list(kind, index, value, page),
    async commit(changes) {
      if (clock.now() - purged >= 60) {
        purged = clock.now()
        await store.purge(purged)
      }
      return store.commit(changes)
    },
  }
}
