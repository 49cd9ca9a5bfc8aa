import { DESK_SECRET, PARTNER, SECRET } from '../installation.mjs'
import { desk, deskCode, redeemAtDesk } from '../person.mjs'
import { asserted, basic, challengeOf, newKey, post, signed, told, VERIFIER } from '../thief.mjs'
import { codeOf } from '../world.mjs'

const KEYED = {
  response_type: 'code',
  redirect_uri: 'https://keyed.example.com/callback',
  scope: 'openid',
  code_challenge: challengeOf(VERIFIER),
  code_challenge_method: 'S256',
  client_id: 'keyed',
}

/** What an assertion opens: an endpoint, what is sent there, and whether it was let in. */
const WAYS = {
  '/par': [KEYED, ({ status }) => status === 201],
  '/token': [{ grant_type: 'client_credentials', scope: 'accounts:read' }, ({ status }) => status === 200],
  '/device_authorization': [{ scope: 'openid' }, ({ status }) => status === 200],
  '/introspect': [{ token: 'x' }, ({ status }) => status === 200],
  '/revoke': [{ token: 'x' }, ({ status }) => status === 200],
}

/** ECDSA signatures have a twin: the same assertion in other letters. */
function twinOf(jws) {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [header, payload, signature] = jws.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return [header, payload, twin.toString('base64url')].join('.')
}

async function replays(world) {
  const { issuer, keys } = world
  const send = async (base, path, assertion) => {
    const [fields, inside] = WAYS[path]
    return inside(await post(base + path, { ...fields, ...assertion }))
  }
  const fresh = () => asserted(keys.keyed, 'keyed', issuer)
  for (const first of ['/par', '/token', '/introspect']) {
    const assertion = await fresh()
    if (!(await send(issuer, first, assertion))) throw new Error(`the client itself is refused at ${first}`)
    const twin = { ...assertion, client_assertion: twinOf(assertion.client_assertion) }
    for (const again of Object.keys(WAYS)) {
      if (await send(issuer, again, assertion)) return `used at ${first}, taken again at ${again}`
      if (await send(issuer, again, twin)) return `used at ${first}, taken at ${again} with the other signature`
    }
  }
  const failed = await fresh()
  await post(`${issuer}/token`, { grant_type: 'client_credentials', scope: 'payments:write', ...failed })
  if (await send(issuer, '/par', failed)) return 'used in a request that was refused, and taken again'

  const { url: second } = await world.secondNode()
  const elsewhere = await fresh()
  await send(issuer, '/par', elsewhere)
  if (await send(second, '/par', elsewhere)) return 'used at one node, taken at the other'
  const both = await fresh()
  const paths = ['/par', '/token']
  const all = await Promise.all(Array.from({ length: 40 }, (_, index) => send(index % 4 < 2 ? issuer : second, paths[index % 2], both)))
  const inside = all.filter(Boolean).length
  return inside === 1 ? undefined : `${inside} of 40 at once, at two endpoints of two nodes`
}

async function grantReplays(world) {
  const { issuer, keys } = world
  const bring = async (base, assertion) => {
    const fields = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, scope: 'accounts:read' }
    return (await post(`${base}/token`, fields, desk())).body.access_token !== undefined
  }
  const fresh = () => signed(keys.partner, { iss: PARTNER, sub: 'victim', aud: issuer })
  const one = await fresh()
  if (!(await bring(issuer, one))) throw new Error('the assertion of the partner is refused')
  const { url: second } = await world.secondNode()
  if ((await bring(issuer, one)) || (await bring(second, one))) return 'an assertion of the partner was taken twice'
  if (await bring(issuer, twinOf(one))) return 'an assertion of the partner was taken again with the other signature'
  const both = await fresh()
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => bring(index % 2 === 0 ? issuer : second, both)))
  const inside = all.filter(Boolean).length
  return inside === 1 ? undefined : `${inside} of 20 assertions of the partner at once`
}

export const attacks = [
  {
    id: 'A30',
    title: 'CVE-2020-15222, CVE-2020-5300: an assertion is used again: at another endpoint, at another node, at once, in other letters',
    weakening: [
      {
        file: 'packages/server/dist/client-authentication/private-key-jwt.js',
        find: "burn: [{ op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(exp) + AHEAD }]",
        put: 'burn: []',
      },
    ],
    others: [
      // Burnt only where it achieved something.
      [
        {
          file: 'packages/server/dist/endpoints/client-request.js',
          find: 'const burnt = unproven && failed &&',
          put: 'const burnt = failed &&',
        },
      ],
      // Remembered by the bytes of the assertion.
      [
        {
          file: 'packages/server/dist/client-authentication/private-key-jwt.js',
          find: 'const id = secretHash(`${client.clientId}\\n${jti}`)',
          put: 'const id = secretHash(JSON.stringify(jws))',
        },
      ],
      [
        { file: 'packages/server/dist/grants/jwt-bearer.js', find: 'if (facts.used)', put: 'if (false)' },
        {
          file: 'packages/server/dist/grants/jwt-bearer.js',
          find: "{ op: 'insert', kind: 'grant_assertion', id: usedId(issuer, params.assertion), value: {}, expiresAt: Math.ceil(exp) + AHEAD },",
          put: '',
        },
      ],
    ],
    async attack(world) {
      const won = (await replays(world)) ?? (await grantReplays(world))
      return { won: won !== undefined, how: won ?? 'five endpoints, two nodes, 40 at once: each assertion was good once' }
    },
  },
  {
    id: 'A31',
    title: 'CVE-2026-53512: a refresh token of a confidential client is used without its authentication',
    weakening: [
      {
        file: 'packages/server/dist/client-authentication/authenticate.js',
        find: 'const used = shown.find(({ method }) => method.accepts?.(client, context) ?? method.name === client.tokenEndpointAuthMethod)',
        put: "const used = shown.find(({ method }) => method.name === 'none') ?? shown[0]",
      },
    ],
    others: [
      [
        {
          file: 'packages/server/dist/tokens/refresh-holder.js',
          find: 'if (family.clientId !== client.client.clientId)',
          put: 'if (false)',
        },
      ],
    ],
    async attack(world) {
      const { issuer, keys } = world
      const token = (await redeemAtDesk(world, await deskCode(world))).body.refresh_token
      const keyedCode = await codeOf(world, { client_id: 'keyed', redirect_uri: KEYED.redirect_uri })
      const keyedFields = { grant_type: 'authorization_code', code: keyedCode, code_verifier: VERIFIER }
      const keyed = (await post(`${issuer}/token`, { ...keyedFields, ...(await asserted(keys.keyed, 'keyed', issuer)) })).body.refresh_token
      if (token === undefined || keyed === undefined) throw new Error('the victim got no refresh tokens')
      const thief = await newKey()
      const robot = basic('robot', SECRET)
      const web = { client_id: 'web', client_secret: SECRET }
      const tries = [
        ['nothing', token, {}],
        ['client_id alone', token, { client_id: 'desk' }],
        ['an empty secret', token, { client_id: 'desk', client_secret: '' }],
        ['an empty secret in the header', token, {}, basic('desk', '')],
        ['the secret in the body, not in the header', token, { client_id: 'desk', client_secret: DESK_SECRET }],
        ['a wrong secret', token, {}, basic('desk', SECRET)],
        ['another scheme', token, { client_id: 'desk' }, { authorization: `Bearer ${token}` }],
        ['a public client', token, { client_id: 'native' }],
        ['another client with its secret', token, web],
        ['another client in the header', token, {}, robot],
        ['another client in the header, this one named', token, { client_id: 'desk' }, robot],
        ['another client with its key', token, await asserted(keys.keyed, 'keyed', issuer)],
        ['an assertion of another about this one', token, await asserted(keys.keyed, 'desk', issuer)],
        ['no assertion, client_id alone', keyed, { client_id: 'keyed' }],
        ['an assertion by a key of the thief', keyed, await asserted(thief, 'keyed', issuer)],
        ['the key of the thief in the header', keyed, await asserted(thief, 'keyed', issuer, { header: { jwk: thief.jwk } })],
        ['an assertion without a signature', keyed, await unsigned(issuer)],
        ['another client', keyed, web],
      ]
      for (const [name, refreshToken, fields, headers] of tries) {
        const answer = await post(`${issuer}/token`, { grant_type: 'refresh_token', refresh_token: refreshToken, ...fields }, headers)
        if (answer.body.access_token !== undefined) return { won: true, how: `${name}: ${told(answer)}` }
      }
      const inUrl = await post(`${issuer}/token?client_id=desk&client_secret=${DESK_SECRET}`, {
        grant_type: 'refresh_token',
        refresh_token: token,
      })
      if (inUrl.body.access_token !== undefined) return { won: true, how: 'the secret in the URL' }
      const own = await post(`${issuer}/token`, { grant_type: 'refresh_token', refresh_token: token }, desk())
      if (own.body.access_token === undefined) throw new Error(`the client itself is refused: ${told(own)}`)
      return { won: false, how: `${tries.length + 1} ways, all refused; the client itself was not harmed by them` }
    },
  },
]

async function unsigned(issuer) {
  const { client_assertion: assertion, ...rest } = await asserted(await newKey(), 'keyed', issuer)
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  return { ...rest, client_assertion: `${header}.${assertion.split('.')[1]}.` }
}
