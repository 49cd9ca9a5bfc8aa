import type { Seconds } from '@holdfast/protocol/time'
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import * as oauth from 'oauth4webapi'
import { Nonces } from '../nonces.ts'
import { isLoopback } from '../option-checks.ts'
import { cryptoKeys, type PrivateJwk } from '../sessions/session-key.ts'
import type { Settings } from '../settings.ts'
import { Failure, failureOf } from './failure.ts'
import { Metadata } from './metadata.ts'

/** How far the two clocks may be apart. */
export const TOLERANCE: Seconds = 10

/** What a request to the server is made with. */
export interface Asking {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  readonly options: {
    readonly [oauth.customFetch]: (url: string, init: object) => Promise<Response>
    readonly [oauth.allowInsecureRequests]: boolean
    readonly signal: () => AbortSignal
    readonly DPoP?: oauth.DPoPHandle
  }
}

/** The line to the authorization server: who we are there, its metadata and keys, and its newest nonce. */
export class ServerLink {
  readonly settings: Settings
  /** Whether the server knows its issuer as a resource (RFC 8707); learned when it refuses it. */
  takesIssuer = true
  readonly #metadata: Metadata
  readonly #nonces = new Nonces()
  readonly #authentication: oauth.ClientAuth
  readonly #insecure: boolean
  #keys: { readonly uri: string; readonly get: JWTVerifyGetKey } | undefined

  constructor(settings: Settings) {
    this.settings = settings
    this.#metadata = new Metadata(settings)
    this.#authentication = authenticationOf(settings)
    this.#insecure = isLoopback(new URL(settings.issuer))
  }

  metadata(): Promise<oauth.AuthorizationServer | Failure> {
    return this.#metadata.get()
  }

  /**
   * Asks the server. Where it wants a nonce the whole request is made again, once: proof and client assertion are new, since
   * each is good for one request (DPOP-63, DPOP-65).
   *
   * @param within milliseconds for all of it, tries included; or a deadline that several requests share
   * @param key of the session, for a DPoP proof
   */
  async ask<T>(within: number | AbortSignal, key: PrivateJwk | undefined, request: (asking: Asking) => Promise<T>): Promise<T | Failure> {
    const server = await this.#metadata.get()
    if (server instanceof Failure) return server
    const deadline = typeof within === 'number' ? AbortSignal.timeout(within) : within
    const asking = this.#asking(server, key, deadline)
    try {
      return await request(asking)
    } catch (first) {
      if (!oauth.isDPoPNonceError(first)) return failureOf(first)
    }
    try {
      return await request(asking)
    } catch (second) {
      return failureOf(second)
    }
  }

  /** Checks the signature of what the server just sent. Its keys are fetched anew, once, where one is not among them. */
  async checkSignature(asking: Asking, response: Response): Promise<void> {
    try {
      await oauth.validateApplicationLevelSignature(asking.server, response, asking.options)
    } catch (error) {
      const unknownKey = error instanceof oauth.OperationProcessingError && error.code === oauth.KEY_SELECTION
      const server = unknownKey ? await this.#metadata.renewed() : undefined
      if (server === undefined) throw error
      await oauth.validateApplicationLevelSignature(server, response, asking.options)
    }
  }

  /** The server's keys for what it posts here by itself. */
  keysOf({ jwks_uri: uri = '' }: oauth.AuthorizationServer): JWTVerifyGetKey {
    if (this.#keys?.uri !== uri) {
      const send = (url: string, init: RequestInit): Promise<Response> => this.settings.fetch(url, init)
      this.#keys = { uri, get: createRemoteJWKSet(new URL(uri), { [customFetch]: send, timeoutDuration: 5000, cooldownDuration: 10_000 }) }
    }
    return this.#keys.get
  }

  #asking(server: oauth.AuthorizationServer, key: PrivateJwk | undefined, deadline: AbortSignal): Asking {
    const { clientId, clock, fetch } = this.settings
    const client: oauth.Client = {
      client_id: clientId,
      [oauth.clockSkew]: clock.now() - Math.floor(Date.now() / 1000),
      [oauth.clockTolerance]: TOLERANCE,
    }
    const send = async (url: string, init: object): Promise<Response> => {
      const response = await fetch(url, init)
      this.#nonces.learn(new URL(url).origin, response)
      return response
    }
    return {
      server,
      client,
      authentication: this.#authentication,
      options: {
        [oauth.customFetch]: send,
        [oauth.allowInsecureRequests]: this.#insecure,
        signal: () => deadline,
        ...(key === undefined ? {} : { DPoP: this.#prover(client, key) }),
      },
    }
  }

  /** Each session has a key of its own, and the server's nonce serves all of them: without it each refresh would be refused once. */
  #prover(client: oauth.Client, key: PrivateJwk): oauth.DPoPHandle {
    const newest = (_header: object, payload: Record<string, oauth.JsonValue | undefined>): void => {
      payload['nonce'] = this.#nonces.get(new URL(payload['htu'] as string).origin)
    }
    return oauth.DPoP(client, cryptoKeys(key) as oauth.CryptoKeyPair, { [oauth.modifyAssertion]: newest })
  }
}

function authenticationOf({ clientKey }: Settings): oauth.ClientAuth {
  if ('secret' in clientKey) return oauth.ClientSecretBasic(clientKey.secret)
  const { key, kid, alg } = clientKey
  const signing = { key: key as CryptoKey, ...(kid === undefined ? {} : { kid }) }
  return oauth.PrivateKeyJwt(signing, {
    // RFC 9864 renamed EdDSA; what is registered is what the key says.
    [oauth.modifyAssertion]: (header) => void (header['alg'] = alg),
  })
}
