import { JWT_BEARER, SECRET, STATEMENTS } from '../installation.mjs'
import { asserted, Browser, newKey, post, sendJson, signed } from '../thief.mjs'
import { authorizeUrl, tokensOf } from '../world.mjs'

const FOLDER = 'packages/server/dist'
const MACHINE = `${FOLDER}/config/machine-metadata.js`
const MANAGEMENT = `${FOLDER}/endpoints/registration-management.js`
const CALLBACK = 'https://app.example.com/callback'
const BASIS = { client_name: 'An app', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_post' }
const bearer = (token) => ({ authorization: `Bearer ${token}` })

const register = (world, metadata) => sendJson(`${world.issuer}/register`, metadata)

async function registered(world, over = {}) {
  const { status, body } = await register(world, { ...BASIS, ...over })
  if (status !== 201) throw new Error(`an ordinary client is refused: ${JSON.stringify(body)}`)
  return body
}

/** RFC 7592 §2.2: everything anew, without what the server gives. */
function update(world, client, over) {
  const {
    registration_access_token: token,
    registration_client_uri: uri,
    client_id_issued_at: _issued,
    client_secret_expires_at: _expires,
    ...kept
  } = client
  return sendJson(uri, { ...kept, ...over }, { method: 'PUT', headers: bearer(token) })
}

const RESERVED = {
  first_party: true,
  profile: 'oauth21',
  unsafe_without_pkce: true,
  unsafe_legacy_assertion_audience: true,
  resources: ['https://payments.example.com'],
  protected_resources: [],
  token_exchange: { audiences: ['*'] },
  disabled: false,
  origin: 'operator',
  standing: 'kept',
  by: 'initial_access_token',
  vouched: true,
  registration_access_token: 'a-token-of-the-attacker-0123456789',
  previous_client_secret: SECRET,
  constructor: { prototype: { first_party: true } },
}

/** What a client with those members could do. Seen from outside: nobody here believes the answer alone. */
async function powersOf(world, client, key) {
  const { issuer, api } = world
  const { client_id: id, client_secret: secret } = client
  const auth = secret === undefined ? await asserted(key, id, issuer) : { client_id: id, client_secret: secret }
  const again = async () => (secret === undefined ? { ...(await asserted(key, id, issuer)) } : auth)
  const powers = []
  const told = Object.keys(RESERVED).filter((name) => name !== 'registration_access_token' && Object.hasOwn(client, name))
  if (told.length > 0) powers.push(`registered ${told.join(', ')}`)
  if (client.registration_access_token === RESERVED.registration_access_token) powers.push('its own management token')
  if (client.scope?.includes('payments:write')) powers.push('registered for payments:write')
  const challenge = await post(`${issuer}/authorize-challenge`, { response_type: 'code', scope: 'openid', ...(await again()) })
  if (challenge.body.error !== 'unauthorized_client') powers.push(`collects passwords (${challenge.status} ${challenge.body.error})`)
  const { location } = await new Browser().go(
    authorizeUrl(world, { client_id: id, redirect_uri: CALLBACK, code_challenge: undefined, code_challenge_method: undefined, nonce: 'n' }),
  )
  if (location?.startsWith(`${issuer}/interaction/`)) powers.push('goes without PKCE')
  for (const fields of [
    { grant_type: 'client_credentials', scope: 'accounts:read' },
    { grant_type: JWT_BEARER, assertion: 'e30.e30.x' },
  ]) {
    const answer = await post(`${issuer}/token`, { ...fields, ...(await again()) })
    if (answer.body.error !== 'unauthorized_client')
      powers.push(`may use ${fields.grant_type} (${answer.status} ${answer.body.error ?? 'tokens'})`)
  }
  const { access_token: victims } = await tokensOf(world, await newKey())
  const known = await post(`${issuer}/introspect`, { token: victims, ...(await again()) })
  if (known.body.active === true) powers.push(`reads the tokens of ${api}`)
  if (key !== undefined) {
    const legacy = await asserted(key, id, issuer, { claims: { aud: `${issuer}/token` } })
    if ((await post(`${issuer}/introspect`, { token: 'x', ...legacy })).status === 200) powers.push('names another audience')
  }
  return powers
}

export const attacks = [
  {
    id: 'A46',
    title: 'CVE-2026-41427: a client that registers itself gives itself what only an operator gives',
    weakening: [{ file: MACHINE, find: 'const MEMBERS = [', put: "const MEMBERS = [\n    'first_party'," }],
    others: [
      [{ file: MACHINE, find: 'const MEMBERS = [', put: "const MEMBERS = [\n    'unsafe_without_pkce'," }],
      [{ file: MACHINE, find: 'const MEMBERS = [', put: "const MEMBERS = [\n    'unsafe_legacy_assertion_audience'," }],
      [{ file: MACHINE, find: 'const MEMBERS = [', put: "const MEMBERS = [\n    'protected_resources'," }],
      [{ file: MACHINE, find: '(vouched || !WITHOUT_PERSON.includes(one))', put: 'true' }],
      [{ file: MACHINE, find: 'const left = scopes.filter((one) => policy.scopes.includes(one));', put: 'const left = scopes;' }],
    ],
    async attack(world) {
      const key = await newKey()
      const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } }
      const grants = ['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER]
      const greedy = { grant_types: grants, scope: 'openid accounts:read payments:write', ...RESERVED, protected_resources: [world.api] }
      const chosen = { client_id: 'web', client_secret: 'c'.repeat(43), client_id_issued_at: 1 }
      const text = JSON.stringify({ ...BASIS, ...greedy })
      const statement = await signed(await newKey(), { iss: STATEMENTS, ...greedy })
      const tries = {
        plain: [{ ...BASIS, ...greedy }],
        'with a key': [{ ...BASIS, ...keyed, ...greedy, application_type: 'web' }, key],
        'with a client_id and a secret of its own': [{ ...BASIS, ...greedy, ...chosen }],
        'through __proto__': [text.replace('{', '{"__proto__":{"first_party":true,"unsafe_without_pkce":true},')],
        twice: [text.replace('{', '{"first_party":false,"grant_types":["authorization_code"],')],
        'in a statement of nobody': [{ ...BASIS, software_statement: statement }],
      }
      const won = []
      for (const [name, [metadata, own]] of Object.entries(tries)) {
        const { status, body } = await register(world, metadata)
        if (status !== 201) continue
        if (body.client_id === 'web' || body.client_secret === chosen.client_secret) won.push(`${name}: took what it named itself`)
        won.push(...(await powersOf(world, body, own)).map((power) => `${name}: ${power}`))
      }
      // A trusted statement says more about a client, and still nothing that is the operator's to say.
      const stated = { ...RESERVED, protected_resources: [world.api] }
      const state = (claims) => signed(world.keys.statements, { iss: STATEMENTS, ...claims })
      await registered(world, { software_statement: await state({}) })
      const { status, body } = await register(world, { ...BASIS, software_statement: await state(stated) })
      if (status === 201) won.push(...(await powersOf(world, body)).map((power) => `by a statement: ${power}`))
      return {
        won: won.length > 0,
        how: won.length > 0 ? won.slice(0, 3).join('; ') : `${Object.keys(tries).length + 1} registrations got no such power`,
      }
    },
  },
  {
    id: 'A47',
    title: 'CVE-2026-15572, CVE-2026-16102: an update sets what a registration may not',
    weakening: [
      {
        file: MANAGEMENT,
        find: 'const read = readMachineClient(stated.metadata, identity, as.machine);',
        put: 'const old = client.value.client;\n    const read = { client: { ...old, redirectUris: stated.metadata.redirect_uris ?? old.redirectUris, firstParty: stated.metadata.first_party ?? old.firstParty }, metadata: stated.metadata };',
      },
    ],
    others: [
      [{ file: MACHINE, find: 'const MEMBERS = [', put: "const MEMBERS = [\n    'first_party'," }],
      [{ file: MANAGEMENT, find: 'if (!right ||', put: 'if (' }],
      [
        {
          file: MANAGEMENT,
          find: "if (secret !== undefined && !(typeof secret === 'string' && secretMatches(secret, hash)))",
          put: 'if (false)',
        },
      ],
      [{ file: MANAGEMENT, find: "if (body['client_id'] !== clientId)", put: 'if (false)' }],
      [{ file: MANAGEMENT, find: 'tokenHash: secretHash(registrationToken)', put: 'tokenHash: registration.value.tokenHash' }],
      [
        {
          file: MANAGEMENT,
          find: 'if (registration.value.softwareStatement !== undefined && stated.statement === undefined)',
          put: 'if (false)',
        },
      ],
    ],
    async attack(world) {
      const { issuer, keys } = world
      const won = []
      const other = await registered(world)
      // Refused, every one: nothing of it may be stored.
      const refused = {
        'a javascript: redirect': { redirect_uris: ['javascript:alert(1)//'] },
        'a plain http redirect': { redirect_uris: ['http://app.example.com/callback'] },
        'a redirect with a fragment': { redirect_uris: [`${CALLBACK}#x`] },
        'no redirect at all': { redirect_uris: [] },
        'another client_id': { client_id: other.client_id },
        'the client_id of an operator’s client': { client_id: 'web' },
        'a secret of its own': { client_secret: 's'.repeat(43) },
        'a token of its own': { registration_access_token: 't'.repeat(43) },
        'the name of another client': { client_name: 'W e b' },
        'keys twice': { jwks: { keys: [keys.keyed.jwk] }, jwks_uri: 'https://app.example.com/jwks' },
        'a private key': { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.keyed.secretJwk] } },
        'the implicit grant': { grant_types: ['implicit'] },
        'response_type token': { response_types: ['token'] },
        'grants without a person': { grant_types: ['client_credentials'] },
      }
      for (const [name, over] of Object.entries(refused)) {
        const client = await registered(world)
        const { status, body } = await update(world, client, over)
        if (status === 200) won.push(`${name}: ${JSON.stringify(body).slice(0, 60)}`)
        const now = await fetch(client.registration_client_uri, { headers: bearer(client.registration_access_token) })
        if (status !== 200 && now.status !== 200) won.push(`${name}: refused, and the client is not what it was (${now.status})`)
      }
      // Taken without what is not the client's to say.
      const greedy = { ...RESERVED, protected_resources: [world.api], scope: 'openid payments:write' }
      const { registration_access_token: _token, ...members } = greedy
      const grants = ['authorization_code', 'client_credentials', JWT_BEARER]
      const client = await registered(world)
      const answer = await update(world, client, { ...members, grant_types: grants })
      if (answer.status === 200)
        won.push(...(await powersOf(world, { client_secret: client.client_secret, ...answer.body })).map((power) => `updated: ${power}`))
      // By others: no token, that of another client, one that was replaced, and that of a client at another address.
      const victim = await registered(world)
      const evil = { redirect_uris: ['https://evil.example/callback'] }
      const renewed = (await update(world, victim, {})).body
      const tokens = {
        none: '',
        'of another': other.registration_access_token,
        replaced: victim.registration_access_token,
        secret: victim.client_secret,
      }
      for (const [name, token] of Object.entries(tokens)) {
        const taken = await update(world, { ...renewed, registration_access_token: token }, evil)
        if (taken.status === 200) won.push(`the token: ${name}`)
        const gone = await fetch(renewed.registration_client_uri, { method: 'DELETE', headers: bearer(token) })
        if (gone.status === 204) won.push(`removed by the token: ${name}`)
      }
      const operators = await sendJson(`${issuer}/register/web`, { client_id: 'web', ...evil }, { method: 'PUT', headers: bearer(SECRET) })
      if (operators.status === 200) won.push('the client of an operator')
      // What a statement said stays said.
      const said = { iss: STATEMENTS, redirect_uris: [CALLBACK] }
      const stated = await registered(world, { software_statement: await signed(keys.statements, said) })
      for (const software_statement of [undefined, await signed(await newKey(), { ...said, ...evil })]) {
        const moved = await update(world, stated, { ...evil, software_statement })
        if (moved.status === 200) won.push('what a statement said was changed')
      }
      const count = Object.keys(refused).length + 8 + 1 + 2
      return {
        won: won.length > 0,
        how: won.length > 0 ? won.slice(0, 3).join('; ') : `${count} updates and removals changed nothing they may not`,
      }
    },
  },
]
