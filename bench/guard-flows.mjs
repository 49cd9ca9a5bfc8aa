/** The flows of the API: `flows.mjs` says what a flow is. */
import { createPrivateKey } from 'node:crypto'
import { expectStatus, get, member } from './connection.mjs'
import { signer, unique } from './jws.mjs'
import { API, GUARD_ISSUER, NATIVE_CLIENT } from './world.mjs'

const API_URL = new URL(API)

function guardTokens(world) {
  const make = signer(
    { typ: 'at+jwt', alg: 'ES256', kid: world.guardSigning.kid },
    createPrivateKey({ key: world.guardSigning, format: 'jwk' }),
  )
  return (jkt) => {
    const iat = Math.floor(Date.now() / 1000)
    return make({
      iss: GUARD_ISSUER,
      sub: 'u_ada',
      aud: API,
      client_id: NATIVE_CLIENT,
      iat,
      exp: iat + 300,
      jti: unique(),
      scope: 'openid accounts:read',
      auth_time: iat,
      cnf: { jkt },
    })
  }
}

function guardItem(slot, token) {
  return get(API_URL, { Authorization: `DPoP ${token}`, DPoP: slot.key.proof('GET', API, undefined, token) })
}

async function runGuard(slot, item) {
  const answer = expectStatus(await slot.connection.send(item), 200, 'the API')
  if (member(answer, 'sub') !== 'u_ada') throw new Error('another subject')
}

export const GUARD_FLOWS = {
  'guard-both': {
    title: 'guard, both verifies',
    first: 1.5,
    goal: 2.2,
    sign: 0,
    verify: 2,
    by: 'guard',
    begin: ({ world }) => ({ token: guardTokens(world) }),
    prepare: (_context, slot, { token }) => guardItem(slot, token(slot.key.jkt)),
    run: runGuard,
  },
  'guard-cached': {
    title: 'guard, token verdict cached',
    first: 2.5,
    goal: 4,
    sign: 0,
    verify: 1,
    by: 'guard',
    begin({ slots, world }) {
      const token = guardTokens(world)
      for (const slot of slots) slot.accessToken = token(slot.key.jkt)
    },
    prepare: (_context, slot) => guardItem(slot, slot.accessToken),
    run: runGuard,
  },
}
