import * as oidc from 'openid-client'
import { keysOf, type SignedIn } from './authorization-server.ts'
import type { Keychain, Kept } from './keychain.ts'

interface Fresh {
  readonly server: oidc.Configuration
  readonly accessToken: string
  readonly subject: string
  readonly DPoP: oidc.DPoPHandle
}

/** Being signed in, from one command to the next. Access tokens live in memory alone; each command gets its own. */
export class Session {
  readonly #keychain: Keychain
  readonly #discover: () => Promise<oidc.Configuration>

  constructor(keychain: Keychain, discover: () => Promise<oidc.Configuration>) {
    this.#keychain = keychain
    this.#discover = discover
  }

  async begin({ tokens, key }: SignedIn): Promise<void> {
    const subject = tokens.claims()?.sub
    if (tokens.refresh_token === undefined || subject === undefined) throw new Error('The server gave no refresh token or no ID token.')
    refuseUnbound(tokens)
    const kept = { subject, refreshToken: tokens.refresh_token, key }
    await this.#keychain.alone(() => this.#keychain.write(kept))
  }

  async whoAmI(): Promise<oidc.UserInfoResponse> {
    const { server, accessToken, subject, DPoP } = await this.#fresh()
    return oidc.fetchUserInfo(server, accessToken, subject, { DPoP })
  }

  async call(api: URL): Promise<Response> {
    const { server, accessToken, DPoP } = await this.#fresh()
    return oidc.fetchProtectedResource(server, accessToken, api, 'GET', undefined, undefined, { DPoP })
  }

  /** Ends it at the server and here. What is here goes in any case. @returns what there is to tell */
  async end(): Promise<string> {
    return this.#keychain.alone(async () => {
      const kept = await this.#keychain.read()
      if (kept === undefined) return 'You were not signed in.'
      const revoked = await this.#revoke(kept).catch(() => false)
      await this.#keychain.forget()
      return revoked ? 'Signed out.' : 'Signed out here. The server could not be told: take the access back on your account page there.'
    })
  }

  async #revoke({ refreshToken }: Kept): Promise<boolean> {
    await oidc.tokenRevocation(await this.#discover(), refreshToken, { token_type_hint: 'refresh_token' })
    return true
  }

  /** A new access token. The new refresh token is kept before anything else is done with the answer. */
  async #fresh(): Promise<Fresh> {
    const server = await this.#discover()
    return this.#keychain.alone(async () => {
      // Read under the lock: a command before this one has changed it.
      const kept = await this.#keychain.read()
      if (kept === undefined) throw new Error('You are not signed in: login first.')
      const DPoP = oidc.getDPoPHandle(server, await keysOf(kept.key))
      const tokens = await oidc.refreshTokenGrant(server, kept.refreshToken, {}, { DPoP }).catch(async (error: unknown) => {
        if (!(error instanceof oidc.ResponseBodyError) || error.error !== 'invalid_grant') throw error
        await this.#keychain.forget()
        throw new Error('You were signed out: login again.', { cause: error })
      })
      refuseUnbound(tokens)
      if (tokens.refresh_token !== undefined) await this.#keychain.write({ ...kept, refreshToken: tokens.refresh_token })
      return { server, accessToken: tokens.access_token, subject: kept.subject, DPoP }
    })
  }
}

/** A token that anybody could use is not what was asked for (RFC 9449 §5). */
function refuseUnbound({ token_type: type }: oidc.TokenEndpointResponse): void {
  if (type !== 'dpop') throw new Error(`The server gave a ${type} token, which is bound to no key.`)
}
