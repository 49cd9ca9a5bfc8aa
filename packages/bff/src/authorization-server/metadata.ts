import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import * as oauth from 'oauth4webapi'
import { isLoopback } from '../option-checks.ts'
import type { Settings } from '../settings.ts'
import { Failure, failureOf } from './failure.ts'

/** How long metadata is believed without asking again. */
const FRESH: Seconds = 300
/** How long it is still used when nobody answers. */
const STALE: Seconds = 86_400
/** A caller who makes keys look unknown must not make us ask at every request. */
const APART: Seconds = 10
const DEADLINE = 3000

/** The authorization server's metadata (OpenID Connect Discovery §4). Its keys are cached with the object: a new one has none yet. */
export class Metadata {
  readonly #settings: Settings
  #known: { readonly server: oauth.AuthorizationServer; readonly at: EpochSeconds } | undefined
  #asking: Promise<oauth.AuthorizationServer | Failure> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async get(): Promise<oauth.AuthorizationServer | Failure> {
    const age = this.#age()
    if (this.#known !== undefined && age < FRESH) return this.#known.server
    const asked = await this.#ask()
    return asked instanceof Failure && asked.kind === 'away' && this.#known !== undefined && age < STALE ? this.#known.server : asked
  }

  /** A key was not found: perhaps it is newer than what is known. @returns undefined when that was looked at just now */
  async renewed(): Promise<oauth.AuthorizationServer | undefined> {
    if (this.#age() < APART) return undefined
    const asked = await this.#ask()
    return asked instanceof Failure ? undefined : asked
  }

  #age(): Seconds {
    return this.#known === undefined ? Infinity : this.#settings.clock.now() - this.#known.at
  }

  #ask(): Promise<oauth.AuthorizationServer | Failure> {
    this.#asking ??= this.#fetched().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  async #fetched(): Promise<oauth.AuthorizationServer | Failure> {
    const { issuer, clock } = this.#settings
    const url = new URL(issuer)
    try {
      const response = await oauth.discoveryRequest(url, {
        [oauth.customFetch]: (at, options) => this.#settings.fetch(at, options as object),
        [oauth.allowInsecureRequests]: isLoopback(url),
        signal: () => AbortSignal.timeout(DEADLINE),
      })
      const server = await oauth.processDiscoveryResponse(url, response)
      const unfit = unfitFor(this.#settings, server)
      if (unfit !== undefined) return new Failure('unsound', 'unfit_metadata', unfit)
      this.#known = { server, at: clock.now() }
      return server
    } catch (error) {
      return failureOf(error)
    }
  }
}

/** What must be true of a server before anything is sent to it. */
function unfitFor({ issuer, pushes, binds }: Settings, server: oauth.AuthorizationServer): string | undefined {
  // Character by character: the library compares normalised URLs, and `iss` is compared with this (MCP-51, RFC 8414 §3.3).
  if (server.issuer !== issuer) return `the metadata is of ${server.issuer}, not of ${issuer}: write issuer as the metadata has it`
  if (server.code_challenge_methods_supported?.includes('S256') !== true)
    return 'the server does not say that it checks PKCE (code_challenge_methods_supported has no S256): without it a stolen code is worth tokens'
  if (pushes && server.pushed_authorization_request_endpoint === undefined)
    return 'the server has no pushed_authorization_request_endpoint: unsafeWithoutPar does without'
  if (binds && server.dpop_signing_alg_values_supported?.includes('ES256') !== true)
    return 'the server does not say that it checks DPoP (dpop_signing_alg_values_supported has no ES256): unsafeWithoutDpop does without'
  return undefined
}
