import { exportJWK, generateKeyPair } from 'jose'
import * as oidc from 'openid-client'
import { SECRET } from './program.ts'

/** A relying party, as it registers and as it knows itself. */
export interface Party {
  readonly name: PartyName
  readonly origin: string
  readonly title: string
  readonly alg: 'RS256' | 'ES256'
  readonly authentication: oidc.ClientAuth
  /** Opens its ID tokens. */
  readonly decryption?: CryptoKey
  /** Pushes its requests, and holds tokens bound to a key. */
  readonly fapi: boolean
  /** Its lines of the configuration. */
  readonly registered: Readonly<Record<string, unknown>>
}

export const PARTY_NAMES = ['shop', 'news', 'clinic', 'vault', 'bank'] as const
export type PartyName = (typeof PARTY_NAMES)[number]

/** Each on a registrable domain of its own, which is what browsers call another site. */
const HOSTS: Readonly<Record<PartyName, string>> = {
  shop: 'www.shop-one.test',
  news: 'www.news-two.test',
  clinic: 'www.clinic-three.test',
  vault: 'www.vault-four.test',
  bank: 'www.bank-five.test',
}
const TITLES: Readonly<Record<PartyName, string>> = {
  shop: 'Corner shop',
  news: 'Morning news',
  clinic: 'Clinic at the river',
  vault: 'Vault of letters',
  bank: 'Bank of the valley',
}

export const partyHosts: readonly string[] = Object.values(HOSTS)

/** Two plain OpenID Connect clients, one with pairwise subjects, one with encrypted ID tokens, one under FAPI 2.0. */
export async function makeParties(port: number): Promise<readonly Party[]> {
  const encryption = await generateKeyPair('RSA-OAEP-256', { extractable: true })
  const signing = await generateKeyPair('ES256', { extractable: true })
  const web = (name: PartyName, more: object = {}): Party => party(name, port, { alg: 'RS256', fapi: false }, more)
  return [
    web('shop'),
    web('news'),
    web('clinic', { subject_type: 'pairwise' }),
    {
      ...web('vault', {
        id_token_encrypted_response_alg: 'RSA-OAEP-256',
        id_token_encrypted_response_enc: 'A256GCM',
        jwks: { keys: [{ ...(await exportJWK(encryption.publicKey)), kid: 'vault-1', use: 'enc', alg: 'RSA-OAEP-256' }] },
      }),
      decryption: encryption.privateKey,
    },
    {
      ...party(
        'bank',
        port,
        { alg: 'ES256', fapi: true },
        { jwks: { keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'bank-1' }] } },
      ),
      authentication: oidc.PrivateKeyJwt({ key: signing.privateKey, kid: 'bank-1' }),
    },
  ]
}

function party(name: PartyName, port: number, { alg, fapi }: Pick<Party, 'alg' | 'fapi'>, more: object): Party {
  const origin = `https://${HOSTS[name]}:${port}`
  const authentication = fapi ? { profile: 'fapi2' } : { profile: 'oauth21', client_secret: SECRET }
  const registered = {
    client_id: name,
    client_name: TITLES[name],
    ...authentication,
    id_token_signed_response_alg: alg,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    frontchannel_logout_uri: `${origin}/frontchannel`,
    // Nobody but the browser of the test finds the names of the sites. Two names for one machine, since the server tells no
    // more than four at once at one host, and the fifth five seconds later.
    backchannel_logout_uri: `https://${fapi ? 'localhost' : '127.0.0.1'}:${port}/backchannel/${name}`,
    ...more,
  }
  return { name, origin, title: TITLES[name], alg, fapi, authentication: oidc.ClientSecretBasic(SECRET), registered }
}
