import type { HttpRequest } from '@holdfast/protocol/http'
import { placeOf, withTokenFor } from './authorization-server/api-token.ts'
import { revoke } from './authorization-server/tokens.ts'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Backend } from './backend.ts'
import type { Credential, CredentialAnswer, CredentialFor } from './credential.ts'
import { asksForNonce, Nonces } from './nonces.ts'
import type { ApiRoute } from './options.ts'
import { loginRequired, tokenRefused, unavailable, withCookies } from './replies.ts'
import { type AccessToken, type Contents, isAlive, isFresh } from './sessions/contents.ts'
import { ProofSigner } from './sessions/session-key.ts'
import type { Session } from './sessions/sessions.ts'

/** After an outage was met: requests whose token is still good do not each wait for the next one. */
const PAUSE: Seconds = 5

/** Gives the proxy what a session has for an API, and renews it when it must. */
export function createCredentialFor(backend: Backend): CredentialFor {
  const { settings, sessions, link } = backend
  const nonces = new Nonces()
  /** Which token a request went out with: when an API refuses it, only that one is no good, and not one that somebody else renewed since. */
  const given = new WeakMap<HttpRequest, string>()

  let pausedUntil: EpochSeconds = 0

  const answer = (request: HttpRequest, session: Session, route: ApiRoute, setCookie: readonly string[]): CredentialAnswer => {
    const { contents } = session
    const token = contents.tokens[placeOf(route, contents)] as AccessToken
    given.set(request, token.value)
    return { kind: 'credential', credential: credentialOf(backend, contents, token, nonces), setCookie }
  }

  return async (request, route, renew) => {
    // Where nobody must be signed in, the lack of a session refuses nothing; and of a second try all was told before.
    const found = await sessions.find(request, renew || route.anonymous === 'pass' ? undefined : request.witness)
    if (found === undefined) return route.anonymous === 'pass' ? { kind: 'anonymous' } : { kind: 'refused', reply: loginRequired(settings) }
    const refused = renew ? given.get(request) : undefined
    const tokenIn = (contents: Contents): AccessToken | undefined => contents.tokens[placeOf(route, contents)]
    const settled = (contents: Contents): boolean => {
      const token = tokenIn(contents)
      return isFresh(token, settings.clock.now()) && !(renew && (refused === undefined || token.value === refused))
    }
    const waits = !renew && settings.clock.now() < pausedUntil && isAlive(tokenIn(found.contents), settings.clock.now())
    if (waits || settled(found.contents)) return answer(request, found, route, await sessions.touch(found))

    // Asked for anew without knowing what was refused: what is kept now is no good, what is kept after a renewal is.
    const before = tokenIn(found.contents)?.value
    const isRenewed = (contents: Contents): boolean =>
      isFresh(tokenIn(contents), settings.clock.now()) && !(renew && tokenIn(contents)?.value === (refused ?? before))
    const renewed = await sessions.renew(found, placeOf(route, found.contents), isRenewed, (contents) =>
      withTokenFor(link, contents, route),
    )
    if (renewed.kind === 'renewed') return answer(request, renewed.session, route, renewed.setCookie)
    if (renewed.kind === 'ended') {
      if (renewed.by === 'grant') {
        settings.tell({ type: 'session.ended', reason: 'grant_ended' })
        return { kind: 'refused', reply: loginRequired(settings, sessions.forget(request)) }
      }
      if (renewed.left !== undefined) await revoke(link, renewed.left)
      return { kind: 'refused', reply: loginRequired(settings) }
    }
    const { failure, setCookie } = renewed
    settings.tell({ type: 'refresh.failed', kind: failure.kind, code: failure.code, detail: failure.detail, api: route.path })
    if (failure.kind === 'away') pausedUntil = settings.clock.now() + PAUSE
    if (!renew && isAlive(tokenIn(found.contents), settings.clock.now())) return answer(request, found, route, setCookie)
    const reply =
      failure.kind === 'away' ? unavailable('the authorization server cannot be reached: try again soon') : tokenRefused(failure.code)
    return { kind: 'refused', reply: withCookies(reply, setCookie) }
  }
}

function credentialOf({ settings }: Backend, { key }: Contents, token: AccessToken, nonces: Nonces): Credential {
  if (key === undefined) return { headers: () => Promise.resolve({ authorization: `Bearer ${token.value}` }), learn: () => false }
  const signer = new ProofSigner(key)
  let asked: string | undefined
  return {
    async headers(method, url) {
      asked = url.origin
      const dpop = signer.sign(method, url, token.value, nonces.get(url.origin), settings.clock.now())
      return { authorization: `DPoP ${token.value}`, dpop }
    },
    learn(response) {
      if (asked !== undefined) nonces.learn(asked, response)
      return asksForNonce(response)
    },
  }
}
