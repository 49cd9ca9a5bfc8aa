import { sign } from 'node:crypto'
import { generateKeyPair } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import { expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { client, ISSUER, startServer } from '../test/server.ts'
import { JWT_BEARER } from './jwt-bearer.ts'

const PARTNER = 'https://partner.example'
const key = generateKeyPair('ES256')

/** By hand: a JWT may have numbers that `JSON.stringify` does not write. */
function withAuthTime(one: Application, authTime: string): string {
  const claims = { iss: PARTNER, sub: 'ada', aud: ISSUER, exp: one.as.clock.now() + 60, jti: newSecret() }
  const payload = `${JSON.stringify(claims).slice(0, -1)},"auth_time":${authTime}}`
  const input = ['{"alg":"ES256"}', payload].map((part) => Buffer.from(part).toString('base64url')).join('.')
  return `${input}.${sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

test.each(['-5', '-0.5', '1.5e9', '1800000001', '1e400', '-1e400', '"1800000000"', 'null'])(
  'TOK-06 CAUTH-35 auth_time %s of an assertion becomes a whole time that has been, or that of now',
  async (authTime) => {
    const one = client({ grantTypes: [JWT_BEARER] })
    const issuer = {
      issuer: PARTNER,
      jwks: { keys: [key.publicJwk] },
      jwksUri: undefined,
      algorithms: ['ES256'],
      subjectClaim: 'sub',
      subjectIs: 'username',
      scopes: ['accounts:read'],
      clients: ['web'],
      disabled: false,
    } as const
    const application = new Application(await startServer([one], { trustedIssuers: [issuer] }), one)
    const assertion = withAuthTime(application, authTime)
    const { body } = await application.post('/token', { grant_type: JWT_BEARER, assertion })
    const [, payload = ''] = String(body['access_token']).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>
    expect(claims['auth_time']).toBe(authTime === '1.5e9' ? 1_500_000_000 : application.as.clock.now())
  },
)
