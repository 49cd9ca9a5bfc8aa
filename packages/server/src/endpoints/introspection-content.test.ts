import { expect, test } from 'vitest'
import { accessToken, defineGrant, type Issuance } from '../grants/open.ts'
import { client } from '../test/server.ts'
import { Application } from '../test/application.ts'
import { introspect, parties, PAYMENTS } from '../test/resource-server.ts'
import { API } from '../test/server.ts'

/** A grant that issues all that a token can say, so that the answer about it can be read whole. */
const everything = defineGrant<object, undefined>({
  type: 'urn:example:everything',
  spec: 'none',
  parse: () => ({}),
  load: () => Promise.resolve(undefined),
  decide({ client: by, policy, ambient }) {
    const target = policy.resources.target([API], [API], ['accounts:read'], by.client)
    if ('code' in target) return { answer: target, changes: [] }
    const authentication = { authTime: ambient.now - 60, acr: 'urn:example:gold', amr: ['pwd', 'otp'] }
    const token = accessToken({ client: by.client, binding: undefined, now: ambient.now }, target, {
      subject: 'u_ada',
      grantId: undefined,
      authentication,
    })
    const answer: Issuance = {
      ...token,
      audience: [API, PAYMENTS],
      scopes: ['accounts:read', 'payments'],
      confirmation: { jkt: undefined, x5t: 'thumbprint of a certificate' },
      actor: { sub: 'robot', act: { sub: 'gateway' } },
      authorizationDetails: [
        { type: 'account', locations: [API] },
        { type: 'payment', locations: [PAYMENTS] },
        { type: 'anywhere', limit: 5 },
      ],
    }
    return { answer, changes: [] }
  },
})

const BOTH = client({ clientId: 'both', grantTypes: [everything.type] })

test.each(['jwt', 'opaque'] as const)(
  'INT-06 INT-07 STEP-29 RAR-12 RFC 8693 §4.1, RFC 9396 §9.2, RFC 9470 §6.2, RFC 8705 §3.2: each API hears its part of a %s token',
  async (format) => {
    const { api, payments, as } = await parties(format, { web: { clientId: 'both', grantTypes: [everything.type] } }, {
      grants: [everything],
    } as object)
    const got = await new Application(as, BOTH).post('/token', { grant_type: everything.type })
    const token = String(got.body['access_token'])
    const now = as.clock.now()
    const common = {
      active: true,
      sub: 'u_ada',
      client_id: 'both',
      token_type: 'Bearer',
      cnf: { 'x5t#S256': 'thumbprint of a certificate' },
      act: { sub: 'robot', act: { sub: 'gateway' } },
      auth_time: now - 60,
      acr: 'urn:example:gold',
      amr: ['pwd', 'otp'],
    }
    const anywhere = { type: 'anywhere', limit: 5 }
    expect((await introspect(api, token)).body).toMatchObject({
      ...common,
      aud: API,
      scope: 'accounts:read',
      authorization_details: [{ type: 'account', locations: [API] }, anywhere],
    })
    expect((await introspect(payments, token)).body).toMatchObject({
      ...common,
      aud: PAYMENTS,
      scope: 'payments',
      authorization_details: [{ type: 'payment', locations: [PAYMENTS] }, anywhere],
    })
    // The subject is a person though there is no grant: without her the token is nothing.
    as.people.delete('u_ada')
    expect((await introspect(api, token)).body).toEqual({ active: false })
  },
)
