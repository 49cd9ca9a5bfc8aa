import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import type { Client, ServerOptions } from '../index.ts'
import { type Answer, Application, type Credentials } from './application.ts'
import { client, ISSUER, startServer } from './server.ts'

type Members = Readonly<Record<string, unknown>>

/** The maker of an app, whose word about its instances the server believes. */
export const ATTESTER: KeyPair = generateKeyPair('ES256')
export const INSTANCE: KeyPair = generateKeyPair('ES256')
export const STRANGER: KeyPair = generateKeyPair('ES256')

export const ATTESTERS = [{ name: 'Maker', jwks: { keys: [{ ...ATTESTER.publicJwk, kid: 'm1' }] }, clients: undefined }]

export function attestedClient(over: Partial<Client> = {}): Client {
  return client({ clientId: 'wallet', tokenEndpointAuthMethod: 'attest_jwt_client_auth', secrets: [], ...over })
}

export interface Shown {
  readonly claims?: Members
  readonly header?: Members
  readonly key?: KeyPair
  readonly instance?: KeyPair
}

/** An app on a device: its attestation, and the key that its attestation names. */
export class Wallet {
  readonly application: Application
  challenge: string | undefined
  readonly #client: Client

  constructor(application: Application) {
    this.application = application
    this.#client = application.client
  }

  attestation({ claims = {}, header = {}, key = ATTESTER, instance = INSTANCE }: Shown = {}): string {
    const now = this.application.as.clock.now()
    return signJws(
      { typ: 'oauth-client-attestation+jwt', alg: key.alg, kid: 'm1', ...header },
      { sub: this.#client.clientId, iat: now - 5, exp: now + 3600, cnf: { jwk: instance.publicJwk }, ...claims },
      key.privateKey,
    )
  }

  pop({ claims = {}, header = {}, key = INSTANCE }: Shown = {}): string {
    return signJws(
      { typ: 'oauth-client-attestation-pop+jwt', alg: key.alg, ...header },
      { aud: ISSUER, jti: newSecret(), iat: this.application.as.clock.now(), challenge: this.challenge, ...claims },
      key.privateKey,
    )
  }

  credentials(attestation: string = this.attestation(), pop: string = this.pop()): Credentials {
    return {
      headers: { 'oauth-client-attestation': attestation, 'oauth-client-attestation-pop': pop },
      parameters: { client_id: this.#client.clientId },
    }
  }

  /** Combined mode: the DPoP proof of the request is the proof. */
  combined(attestation: string = this.attestation()): Credentials {
    return { headers: { 'oauth-client-attestation': attestation }, parameters: { client_id: this.#client.clientId } }
  }

  async learnChallenge(): Promise<string> {
    const answer = await this.application.send(`${ISSUER}/attestation-challenge`, { method: 'POST' })
    this.challenge = String(answer.body['attestation_challenge'])
    return this.challenge
  }

  /** Past authentication, a token that does not exist is `400 invalid_grant`. */
  ask(credentials: Credentials, dpop?: string): Promise<Answer> {
    return this.application.refresh('no such token', {}, { credentials, ...(dpop === undefined ? {} : { dpop }) })
  }
}

/** A server that trusts the attester, and one client of its. */
export async function wallet(
  over: Partial<Client> = {},
  attestation: Partial<NonNullable<ServerOptions['attestation']>> = {},
  dpop?: KeyPair,
): Promise<Wallet> {
  const one = attestedClient(over)
  const as = await startServer([one, attestedClient({ clientId: 'other' }), client()], {
    attestation: { attesters: ATTESTERS, ...attestation },
    dpopNonce: 'off',
  })
  const made = new Wallet(new Application(as, one, { dpop }))
  if (attestation.challenge !== 'off') await made.learnChallenge()
  return made
}
