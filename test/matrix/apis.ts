import { createGuard, type Guard } from '@holdfast/guard'
import type { KeyPair } from '@holdfast/proof/node'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { Resource } from '@holdfast/server'
import { type Answer, Application, hashOf, proof } from '../../packages/server/src/test/application.ts'
import type { Held } from '../../packages/server/src/test/mutual-tls.ts'
import { introspect, PAYMENTS, PAYMENTS_API, resourceServer } from '../../packages/server/src/test/resource-server.ts'
import { ACCOUNTS_API, API, ISSUER, SECRET, type TestServer } from '../../packages/server/src/test/server.ts'

/** What a token is asked for. */
export interface Target {
  readonly format: 'jwt' | 'opaque'
  readonly resource: string
  readonly scope: string
}

export const TARGETS: readonly Target[] = [
  { format: 'jwt', resource: API, scope: 'accounts:read' },
  { format: 'opaque', resource: PAYMENTS, scope: 'payments' },
]

export const RESOURCES: readonly Resource[] = [
  { ...ACCOUNTS_API, accessTokenFormat: 'jwt' },
  { ...PAYMENTS_API, accessTokenFormat: 'opaque' },
]

/** A token as a caller shows it. */
export interface Shown {
  readonly scheme: 'Bearer' | 'DPoP'
  /** Signs a proof for the request; undefined: none is sent. */
  readonly key: KeyPair | undefined
  readonly certificate: Held | undefined
}

/** An API behind the guard, which checks JWTs by itself and asks about opaque tokens. */
export class GuardedApi {
  static readonly clients = TARGETS.map(({ resource, format }) =>
    resourceServer({ clientId: `api of ${format} tokens`, protectedResources: [resource] }),
  )
  readonly #target: Target
  readonly #client: Application
  readonly #guard: Guard

  constructor(as: TestServer, target: Target) {
    const client = GuardedApi.clients[TARGETS.indexOf(target)]
    if (client === undefined) throw new Error('no such API')
    this.#target = target
    this.#client = new Application(as, client)
    this.#guard = createGuard({
      issuer: ISSUER,
      resource: target.resource,
      clock: as.clock,
      fetch: ((url: string, init: RequestInit) => as.fetch(url, init)) as typeof fetch,
      introspection: { clientId: client.clientId, clientSecret: SECRET, cacheSeconds: 0 },
    })
  }

  introspect(token: string): Promise<Answer> {
    return introspect(this.#client, token)
  }

  /** A function that sends one and the same request each time it is called. */
  request(token: string, shown: Shown): () => Promise<string> {
    const { resource, scope } = this.#target
    const headers: Record<string, readonly string[]> = { authorization: [`${shown.scheme} ${token}`] }
    if (shown.key !== undefined)
      headers['dpop'] = [proof(shown.key, { htm: 'GET', htu: resource, iat: this.#client.as.clock.now(), ath: hashOf(token) })]
    const request: HttpRequest = {
      method: 'GET',
      path: new URL(resource).pathname,
      query: '',
      clientAddress: '192.0.2.1',
      headers: (name) => headers[name] ?? [],
      clientCertificate: shown.certificate && { der: shown.certificate.der, authorized: false },
      body: () => Promise.resolve(new Uint8Array()),
    }
    return async () => {
      const verdict = await this.#guard.check(request, { scopes: [scope] })
      if (verdict.kind === 'allowed') return `200 ${verdict.access.subject}`
      return `${verdict.reply.status} ${(JSON.parse(verdict.reply.body) as { readonly error?: string }).error ?? ''}`
    }
  }

  show(token: string, shown: Shown): Promise<string> {
    return this.request(token, shown)()
  }
}
