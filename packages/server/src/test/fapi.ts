import type { KeyPair } from '@holdfast/proof/node'
import type { Client } from '../index.ts'
import { type Answer, Application, KEY, OTHER_KEY, type Parameters, type Sent } from './application.ts'
import { authorizationParameters, type Person, type Seen } from './person.ts'
import { client, type TestServer } from './server.ts'

/** A client under the FAPI 2.0 Security Profile: it signs assertions with one key and proofs with another. */
export function fapiClient(over: Partial<Client> = {}): Client {
  return client({
    profile: 'fapi2',
    tokenEndpointAuthMethod: 'private_key_jwt',
    secrets: [],
    jwks: { keys: [{ ...KEY.publicJwk }] },
    dpopBoundAccessTokens: true,
    requirePushedAuthorizationRequests: true,
    ...over,
  })
}

/** The program of such a client; its first leg is always a push. */
export class FapiApplication extends Application {
  constructor(as: TestServer, one: Client, keys: { readonly assertion?: KeyPair; readonly dpop?: KeyPair; readonly person?: Person } = {}) {
    super(as, one, { assertion: KEY, dpop: OTHER_KEY, ...keys })
  }

  push(over: Parameters = {}, sent: Sent = {}): Promise<Answer> {
    const { clientId, redirectUris } = this.client
    const parameters = authorizationParameters({ client_id: clientId, redirect_uri: redirectUris[0], ...over })
    return this.post('/par', Object.fromEntries(parameters), sent)
  }

  /** What the browser is sent to the authorization endpoint with. */
  async pushed(over: Parameters = {}): Promise<URLSearchParams> {
    const { status, body } = await this.push(over)
    if (status !== 201) throw new Error(`not pushed: ${JSON.stringify(body)}`)
    return new URLSearchParams({ client_id: this.client.clientId, request_uri: String(body['request_uri']) })
  }

  async answered(over: Parameters = {}): Promise<Seen> {
    return this.person.through(await this.pushed(over))
  }

  override async code(over: Parameters = {}): Promise<string> {
    const { location, status, text } = await this.answered(over)
    const code = location?.searchParams.get('code')
    if (code === null || code === undefined) throw new Error(`no code: ${status} ${location?.href ?? text}`)
    return code
  }
}
