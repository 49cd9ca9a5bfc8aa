/**
 * The flows. `prepare` makes, before the timed window, what one connection will send: unique proofs, assertions and
 * challenges. `run` is one flow of the timed window; it throws unless every answer is the success that it must be.
 */
import { expectStatus, get, headerOf, member, post } from './connection.mjs'
import { GUARD_FLOWS } from './guard-flows.mjs'
import { clientAssertions, sha256, unique } from './jws.mjs'
import {
  API,
  API_CLIENT,
  CLIENT_SECRET,
  EXCHANGE_CLIENT,
  FAPI_CLIENT,
  MACHINE_CLIENT,
  MACHINE_KEY_CLIENT,
  NATIVE_CLIENT,
  NEXT_API,
  OPAQUE_API,
  REDIRECT_URI,
  SECRET_CLIENT,
} from './world.mjs'

const ASSERTION_TYPE = encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
const basic = (clientId) => `Basic ${Buffer.from(`${clientId}:${CLIENT_SECRET}`).toString('base64')}`
const BASIC = basic(SECRET_CLIENT)
const MACHINE = { Authorization: basic(MACHINE_CLIENT) }
const AS_API = { Authorization: basic(API_CLIENT) }
const AS_EXCHANGER = { Authorization: basic(EXCHANGE_CLIENT) }
const FOR_API = `&scope=openid%20profile%20accounts%3Aread&resource=${encodeURIComponent(API)}`
const FOR_USERINFO = '&scope=openid%20profile%20email'

/** The client's request, with a verifier of its own. */
function authorizationRequest(clientId, target) {
  const verifier = unique().padEnd(43, 'x')
  const form = `client_id=${clientId}&response_type=code&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&state=${unique()}&code_challenge=${sha256(verifier)}&code_challenge_method=S256${target}`
  return { verifier, form }
}

function assertionField(make) {
  return make === undefined ? '' : `&client_assertion_type=${ASSERTION_TYPE}&client_assertion=${make()}`
}

/** PAR, authorize, token. */
function codeItem({ target, slot, assertion, clientId, what }) {
  const { verifier, form } = authorizationRequest(clientId, what)
  const { par, token } = target.endpoints
  return {
    clientId,
    par: post(par, { DPoP: slot.key.proof('POST', par.href, target.nonce) }, form + assertionField(assertion)),
    proof: slot.key.proof('POST', token.href, target.nonce),
    token: `grant_type=authorization_code&client_id=${clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&code_verifier=${verifier}${assertionField(assertion)}&code=`,
  }
}

async function runCode(slot, item, { endpoints }) {
  const pushed = expectStatus(await slot.connection.send(item.par), 201, 'PAR')
  const query = `?client_id=${item.clientId}&request_uri=${encodeURIComponent(member(pushed, 'request_uri'))}`
  const authorized = expectStatus(
    await slot.connection.send(get(endpoints.authorization, { Cookie: slot.cookie }, query)),
    303,
    'authorize',
  )
  const code = /[?&]code=([^&]+)/.exec(headerOf(authorized.head, 'location') ?? '')?.[1]
  if (code === undefined) throw new Error(`authorize gave no code: ${headerOf(authorized.head, 'location')}`)
  const answer = expectStatus(await slot.connection.send(post(endpoints.token, { DPoP: item.proof }, item.token + code)), 200, 'token')
  member(answer, 'id_token')
  return { accessToken: member(answer, 'access_token'), refreshToken: member(answer, 'refresh_token') }
}

/** Tokens of the public client for each connection: made before the window of a flow that needs them. */
async function nativeTokens(context, what) {
  const { slots, target } = context
  await Promise.all(
    slots.map(async (slot) => {
      Object.assign(slot, await runCode(slot, codeItem({ target, slot, clientId: NATIVE_CLIENT, what }), target))
    }),
  )
}

const assertions = ({ world, target }) => clientAssertions(world.client, FAPI_CLIENT, target.issuer)

const machineForm = (scope, resource) =>
  `grant_type=client_credentials&scope=${encodeURIComponent(scope)}&resource=${encodeURIComponent(resource)}`
const FOR_ACCOUNTS = machineForm('accounts:read', API)
const FOR_FILES = machineForm('files:read', OPAQUE_API)

const TOKEN_EXCHANGE = encodeURIComponent('urn:ietf:params:oauth:grant-type:token-exchange')
const ACCESS_TOKEN = encodeURIComponent('urn:ietf:params:oauth:token-type:access_token')
const FOR_NEXT = `grant_type=${TOKEN_EXCHANGE}&subject_token_type=${ACCESS_TOKEN}&resource=${encodeURIComponent(NEXT_API)}&subject_token=`

async function runMachine(slot, item) {
  return member(expectStatus(await slot.connection.send(item), 200, 'token'), 'access_token')
}

/** `alone`: no peer has it. `first`: the floor of performance.md §3. `sign`, `verify`: the operations with ES256 that the flow cannot do without. */
export const FLOWS = {
  code: {
    title: 'code flow, FAPI (PAR, authorize, token)',
    first: 1.8,
    goal: 4,
    sign: 2,
    verify: 4,
    by: 'server',
    begin: (context) => ({ assertion: assertions(context) }),
    prepare: ({ target }, slot, { assertion }) => codeItem({ target, slot, assertion, clientId: FAPI_CLIENT, what: FOR_API }),
    run: runCode,
  },
  refresh: {
    title: 'refresh, rotation, DPoP, ID token',
    first: 1.5,
    goal: 3,
    sign: 2,
    verify: 1,
    by: 'server',
    begin: (context) => nativeTokens(context, FOR_API),
    prepare: ({ target }, slot) => slot.key.proof('POST', target.endpoints.token.href, target.nonce),
    async run(slot, proof, { endpoints }) {
      const form = `grant_type=refresh_token&client_id=${NATIVE_CLIENT}&refresh_token=${slot.refreshToken}`
      const answer = expectStatus(await slot.connection.send(post(endpoints.token, { DPoP: proof }, form)), 200, 'refresh')
      const next = member(answer, 'refresh_token')
      if (next === slot.refreshToken) throw new Error('the refresh token was not rotated')
      slot.refreshToken = next
      member(answer, 'id_token')
      member(answer, 'access_token')
    },
  },
  par: {
    title: 'PAR (client_secret_basic)',
    first: 3,
    goal: 6,
    sign: 0,
    verify: 0,
    by: 'server',
    prepare: ({ target }) => post(target.endpoints.par, { Authorization: BASIC }, authorizationRequest(SECRET_CLIENT, FOR_API).form),
    run: async (slot, item) => void member(expectStatus(await slot.connection.send(item), 201, 'PAR'), 'request_uri'),
  },
  'par-fapi': {
    title: 'PAR (private_key_jwt, DPoP)',
    first: undefined,
    sign: 0,
    verify: 2,
    by: 'server',
    begin: (context) => ({ assertion: assertions(context) }),
    prepare: ({ target }, slot, { assertion }) => codeItem({ target, slot, assertion, clientId: FAPI_CLIENT, what: FOR_API }).par,
    run: async (slot, item) => void member(expectStatus(await slot.connection.send(item), 201, 'PAR'), 'request_uri'),
  },
  userinfo: {
    title: 'userinfo with DPoP',
    first: 1.7,
    goal: 3.5,
    sign: 0,
    verify: 1,
    by: 'server',
    begin: (context) => nativeTokens(context, FOR_USERINFO),
    prepare({ target }, slot) {
      const { userinfo } = target.endpoints
      return get(userinfo, {
        Authorization: `DPoP ${slot.accessToken}`,
        DPoP: slot.key.proof('GET', userinfo.href, target.nonce, slot.accessToken),
      })
    },
    run: async (slot, item) => void member(expectStatus(await slot.connection.send(item), 200, 'userinfo'), 'email'),
  },
  'client-credentials': {
    title: 'client credentials, JWT (client_secret_basic)',
    first: 2.5,
    goal: 5,
    sign: 1,
    verify: 0,
    by: 'server',
    prepare: ({ target }) => post(target.endpoints.token, MACHINE, FOR_ACCOUNTS),
    run: runMachine,
  },
  'client-credentials-opaque': {
    title: 'client credentials, opaque token (client_secret_basic)',
    first: 3,
    goal: 6,
    sign: 0,
    verify: 0,
    by: 'server',
    prepare: ({ target }) => post(target.endpoints.token, MACHINE, FOR_FILES),
    run: runMachine,
  },
  'client-credentials-key': {
    title: 'client credentials, JWT (private_key_jwt)',
    first: 1.3,
    goal: 2.6,
    sign: 1,
    verify: 1,
    by: 'server',
    begin: ({ world, target }) => ({ assertion: clientAssertions(world.client, MACHINE_KEY_CLIENT, target.issuer) }),
    prepare: ({ target }, _slot, { assertion }) =>
      post(target.endpoints.token, {}, `${FOR_ACCOUNTS}&client_id=${MACHINE_KEY_CLIENT}${assertionField(assertion)}`),
    run: runMachine,
  },
  'client-credentials-dpop': {
    title: 'client credentials, JWT (client_secret_basic, DPoP)',
    first: 1.6,
    goal: 3.3,
    sign: 1,
    verify: 1,
    by: 'server',
    prepare({ target }, slot) {
      const { token } = target.endpoints
      return post(token, { ...MACHINE, DPoP: slot.key.proof('POST', token.href, target.nonce) }, FOR_ACCOUNTS)
    },
    run: runMachine,
  },
  // The peer has no token exchange: the flow is ours alone, beside what its cryptography costs. The subject token is shown again and
  // again, as an API does that calls another several times for one person, so its own signature is checked once.
  'token-exchange': {
    title: 'token exchange, delegation (client_secret_basic, DPoP)',
    first: undefined,
    sign: 1,
    verify: 1,
    by: 'server',
    alone: true,
    begin: (context) => nativeTokens(context, FOR_API),
    prepare({ target }, slot) {
      const { token } = target.endpoints
      return post(token, { ...AS_EXCHANGER, DPoP: slot.key.proof('POST', token.href, target.nonce) }, FOR_NEXT + slot.accessToken)
    },
    run: runMachine,
  },
  introspection: {
    title: 'introspection, opaque token',
    first: 2.2,
    goal: 5,
    sign: 0,
    verify: 0,
    by: 'server',
    begin: ({ slots, target }) =>
      Promise.all(
        slots.map(async (slot) => {
          slot.accessToken = await runMachine(slot, post(target.endpoints.token, MACHINE, FOR_FILES))
        }),
      ),
    prepare: ({ target }, slot) => post(target.endpoints.introspection, AS_API, `token=${slot.accessToken}`),
    async run(slot, item) {
      const answer = expectStatus(await slot.connection.send(item), 200, 'introspection')
      if (!answer.body.includes('"active":true')) throw new Error(`not active: ${answer.body.slice(0, 300)}`)
    },
  },
  ...GUARD_FLOWS,
}

/** What the person allows before the first window: each request that a flow sends needs no page afterwards. */
export const CONSENTS = [
  { clientId: FAPI_CLIENT, what: FOR_API, withAssertion: true },
  { clientId: NATIVE_CLIENT, what: FOR_API, withAssertion: false },
  { clientId: NATIVE_CLIENT, what: FOR_USERINFO, withAssertion: false },
]

export function consentItem(context, slot, { clientId, what, withAssertion }) {
  return codeItem({ target: context.target, slot, clientId, what, assertion: withAssertion ? assertions(context) : undefined })
}

export { expectStatus, member }
