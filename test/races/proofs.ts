import { expect } from 'vitest'
import { KEY, OTHER_KEY, tally, told } from '../../packages/server/src/test/application.ts'
import { attestedClient, Wallet } from '../../packages/server/src/test/attested.ts'
import { API, client, publicClient } from '../../packages/server/src/test/server.ts'
import { assertionOfPartner, JWT_BEARER } from '../matrix/grants.ts'
import { both, type SingleUse, winner } from './nodes.ts'

const grantTypes = ['client_credentials']
const scopes = ['accounts:read']
const ASSERTING = client({
  clientId: 'asserting',
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: { keys: [KEY.publicJwk] },
})
const ATTESTED = attestedClient({ clientId: 'attested', grantTypes, scopes })
const BOUND = publicClient({ clientId: 'bound' })
const MACHINE = client({ clientId: 'machine', grantTypes, scopes })
const PARTNERED = client({ clientId: 'partnered', grantTypes: [JWT_BEARER], scopes })
const OWN = { grant_type: 'client_credentials', resource: API }

/**
 * What proves a client or the holder of a key, and is remembered by its `jti`. The challenge of an attestation's proof is
 * not here, by design: it is a time under a key of the server, the same for everybody who asks in that time, and stored
 * nowhere. What is good once is the `jti` of the proof that carries it.
 */
export const PROOFS: readonly SingleUse[] = [
  {
    name: 'CAUTH-27 A30 the jti of a client assertion: one is proven, and it stays used until its exp at both',
    client: ASSERTING,
    async race(nodes) {
      const apps = nodes.apps(ASSERTING, { assertion: KEY })
      const { refresh } = await apps[0].tokens()
      const credentials = { parameters: apps[0].asserting({ exp: nodes.clock.now() + 600 }) }
      const answers = await both(apps, (app) => app.refresh(refresh, {}, { credentials }))
      expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 49 })
      let newest = String(winner(answers).body['refresh_token'])
      nodes.clock.advance(599)
      for (const app of apps) {
        expect(told(await app.refresh(newest, {}, { credentials }))).toBe('401 invalid_client')
        const answer = await app.refresh(newest)
        expect(told(answer)).toBe('200')
        newest = String(answer.body['refresh_token'])
      }
      expect(await nodes.standing(ASSERTING)).toEqual({ grants: 1, families: 1 })
    },
  },
  {
    name: 'ABCA-12 CAUTH-27 the jti of an attestation’s proof',
    client: ATTESTED,
    async race(nodes) {
      const apps = nodes.apps(ATTESTED)
      const wallet = new Wallet(apps[0])
      await wallet.learnChallenge()
      const credentials = wallet.credentials()
      expect(tally(await both(apps, (app) => app.post('/token', OWN, { credentials })))).toEqual({ '200': 1, '401 invalid_client': 49 })
      expect(told(await apps[1].post('/token', OWN, { credentials: wallet.credentials() }))).toBe('200')
    },
  },
  {
    name: 'DPOP-16 RFC 9449 §11.1 a DPoP proof of a confidential client',
    client: MACHINE,
    async race(nodes) {
      const apps = nodes.apps(MACHINE, { dpop: KEY })
      const dpop = apps[0].proof('/token')
      expect(tally(await both(apps, (app) => app.post('/token', OWN, { dpop })))).toEqual({ '200': 1, '400 invalid_dpop_proof': 49 })
      expect(told(await apps[1].post('/token', OWN))).toBe('200')
    },
  },
  {
    // Such proofs are remembered in each process first, so that strangers cannot fill the store; across processes in the commit.
    name: 'DPOP-16 RFC 9449 §11.1 a DPoP proof of a public client, which rotates',
    client: BOUND,
    async race(nodes) {
      const apps = nodes.apps(BOUND, { dpop: OTHER_KEY })
      const { refresh } = await apps[0].tokens()
      const dpop = apps[0].proof('/token')
      const answers = await both(apps, (app) => app.refresh(refresh, {}, { dpop }))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_dpop_proof': 49 })
      expect(await nodes.standing(BOUND)).toEqual({ grants: 1, families: 1 })
      expect(told(await apps[1].refresh(refresh))).toBe('200')
    },
  },
  {
    name: 'CAUTH-35 the jti of a trusted issuer’s assertion: one grant',
    client: PARTNERED,
    async race(nodes) {
      const apps = nodes.apps(PARTNERED)
      const sent = { grant_type: JWT_BEARER, assertion: assertionOfPartner(nodes.clock.now(), 'ada'), resource: API }
      expect(tally(await both(apps, (app) => app.post('/token', sent)))).toEqual({ '200': 1, '400 invalid_grant': 49 })
      expect(await nodes.standing(PARTNERED)).toEqual({ grants: 1, families: 0 })
    },
  },
]
