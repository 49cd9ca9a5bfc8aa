import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import { GRANT_TYPES, type ServerOptions } from '@holdfast/server'
import { type Answer, type Parameters, told } from '../../packages/server/src/test/application.ts'
import { answeredBy, CIBA } from '../../packages/server/src/test/backchannel.ts'
import { answered, DEVICE_CODE } from '../../packages/server/src/test/device.ts'
import { VERIFIER } from '../../packages/server/src/test/person.ts'
import { ISSUER } from '../../packages/server/src/test/server.ts'
import type { Target } from './apis.ts'
import type { Program } from './program.ts'

/** One grant: what a program does until it has what it sends to /token. */
export interface GrantRow {
  /** Clients that prove nothing are refused: `unauthorized_client` (OA-56). */
  readonly confidential: boolean
  /** @returns the parameters of the token request, beside credentials; or the refusal that it met on its way there */
  readonly prepare: (program: Program, target: Target) => Promise<Parameters | Answer>
  /** Whom the token is about. */
  readonly subject: (program: Program) => string
}

const ADA = (): string => 'u_ada'
const PARTNER = 'https://partner.example'
const partnerKey = generateKeyPair('ES256')
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const redemption = async (program: Program, { resource, scope }: Target): Promise<Parameters> => ({
  grant_type: 'authorization_code',
  code: await program.code({ scope: `openid ${scope}`, resource }),
  code_verifier: VERIFIER,
  redirect_uri: program.client.redirectUris[0],
  resource,
})

/** The tokens of a sign-in, for the grants that start from some. */
async function signedIn(program: Program, target: Target): Promise<Answer> {
  const answer = await program.post('/token', await redemption(program, target))
  if (answer.status !== 200) throw new Error(`no tokens to start from: ${told(answer)} ${String(answer.body['error_description'])}`)
  return answer
}

const rows: Readonly<Record<string, GrantRow>> = {
  authorization_code: { confidential: false, subject: ADA, prepare: redemption },
  refresh_token: {
    confidential: false,
    subject: ADA,
    async prepare(program, target) {
      const { body } = await signedIn(program, target)
      return { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), resource: target.resource }
    },
  },
  client_credentials: {
    confidential: true,
    subject: ({ client }) => client.clientId,
    prepare: (_program, { resource, scope }) => Promise.resolve({ grant_type: 'client_credentials', resource, scope }),
  },
  [DEVICE_CODE]: {
    confidential: false,
    subject: ADA,
    async prepare(program, { resource, scope }) {
      const { deviceCode } = await answered(program, 'allow', { scope: `openid ${scope}`, resource })
      return { grant_type: DEVICE_CODE, device_code: deviceCode, resource }
    },
  },
  [CIBA]: {
    confidential: true,
    subject: ADA,
    async prepare(program, { resource, scope }) {
      const asked = { scope: `openid ${scope}`, resource }
      if (program.client.tokenEndpointAuthMethod === 'none')
        return program.post('/backchannel_authentication', { ...asked, login_hint: 'ada' })
      const { authReqId } = await answeredBy(program, 'allow', asked)
      return { grant_type: CIBA, auth_req_id: authReqId, resource }
    },
  },
  [JWT_BEARER]: {
    confidential: true,
    subject: ADA,
    prepare: ({ as }, { resource, scope }) =>
      Promise.resolve({ grant_type: JWT_BEARER, assertion: assertionOfPartner(as.clock.now(), 'ada'), resource, scope }),
  },
  [TOKEN_EXCHANGE]: {
    confidential: true,
    subject: ADA,
    async prepare(program, target) {
      const sent = { grant_type: TOKEN_EXCHANGE, subject_token_type: ACCESS_TOKEN, resource: target.resource, scope: target.scope }
      if (program.client.tokenEndpointAuthMethod === 'none') return { ...sent, subject_token: 'none' }
      return { ...sent, subject_token: String((await signedIn(program, target)).body['access_token']) }
    },
  },
}

/** Rows of the grants that the server has. */
export const GRANT_ROWS: Readonly<Record<string, GrantRow>> = Object.fromEntries(
  Object.entries(rows).filter(([type]) => GRANT_TYPES.includes(type)),
)

/** The word of the partner about a person. */
export function assertionOfPartner(now: number, username: string): string {
  const claims = { iss: PARTNER, sub: username, aud: ISSUER, iat: now, exp: now + 120, jti: newSecret() }
  return signJws({ typ: 'authorization-grant+jwt', alg: 'ES256', kid: 'p1' }, claims, partnerKey.privateKey)
}

/** Who vouches for people with the grant `jwt-bearer`, to these clients. */
export function partner(clients: readonly string[]): NonNullable<ServerOptions['trustedIssuers']>[number] {
  return {
    issuer: PARTNER,
    jwks: { keys: [{ ...partnerKey.publicJwk, kid: 'p1' }] },
    jwksUri: undefined,
    algorithms: ['ES256'],
    subjectClaim: 'sub',
    subjectIs: 'username',
    scopes: ['accounts:read', 'payments'],
    clients,
    disabled: false,
  }
}
