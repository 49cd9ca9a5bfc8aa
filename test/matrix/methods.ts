import type { KeyPair } from '@holdfast/proof/node'
import type { AuthMethod, Client } from '@holdfast/server'
import { type Credentials, KEY } from '../../packages/server/src/test/application.ts'
import { INSTANCE, type Wallet } from '../../packages/server/src/test/attested.ts'
import { type Held, selfSigned, SUBJECT_DN } from '../../packages/server/src/test/mutual-tls.ts'

/** One way in which a client proves who it is: what it registers, and what its program then needs. */
export interface MethodRow {
  /** For the names of the cells. */
  readonly title: string
  readonly registered: Partial<Client>
  /** The certificate of every connection. */
  readonly certificate?: 'by the authority' | Held
  /** The key of every DPoP proof, where the method itself needs one: then nothing of such a client is unbound. */
  readonly instance?: KeyPair
  /** Absent: what the program of the fixtures sends for the registered method. */
  readonly credentials?: (wallet: Wallet) => Credentials
}

export const ASSERTION_KEY: KeyPair = KEY
export const KEYS_AT = 'https://client.example/jwks'
export const SELF_SIGNED: Held = await selfSigned({ subject: [{ CN: ['nobody signed this'] }] })

const jwks = { keys: [{ ...ASSERTION_KEY.publicJwk }] }

/** Every method that a server may announce; one that is not here fails the matrix. */
export const METHOD_ROWS: Readonly<Record<AuthMethod, readonly MethodRow[]>> = {
  none: [{ title: 'none', registered: { applicationType: 'native', redirectUris: ['com.example.app:/callback'], secrets: [] } }],
  client_secret_basic: [{ title: 'client_secret_basic', registered: {} }],
  client_secret_post: [{ title: 'client_secret_post', registered: {} }],
  private_key_jwt: [
    { title: 'private_key_jwt by value', registered: { secrets: [], jwks } },
    { title: 'private_key_jwt by jwks_uri', registered: { secrets: [], jwksUri: KEYS_AT } },
  ],
  tls_client_auth: [
    {
      title: 'tls_client_auth',
      registered: { secrets: [], tlsClientAuth: { kind: 'subject_dn', value: SUBJECT_DN } },
      certificate: 'by the authority',
    },
  ],
  self_signed_tls_client_auth: [
    {
      title: 'self_signed_tls_client_auth',
      registered: { secrets: [], jwks: { keys: [SELF_SIGNED.jwk] } },
      certificate: SELF_SIGNED,
    },
  ],
  attest_jwt_client_auth: [{ title: 'attest_jwt_client_auth', registered: { secrets: [] }, credentials: (wallet) => wallet.credentials() }],
  attest_jwt_client_auth_dpop: [
    {
      title: 'attest_jwt_client_auth_dpop',
      registered: { secrets: [] },
      instance: INSTANCE,
      credentials: (wallet) => wallet.combined(),
    },
  ],
}
