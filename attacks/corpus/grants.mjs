import { CIBA, DEVICE_CODE, FORMER, JWT_BEARER, PARTNER, PAYMENTS, SECRET } from '../installation.mjs'
import { answerApproval, answerDevice, askDevice, desk, deskCode, redeemAtDesk } from '../person.mjs'
import { asserted, basic, post, signed, told, VERIFIER } from '../thief.mjs'

const GRANTS = 'packages/server/dist/grants'
const robot = () => basic('robot', SECRET)

/** Wins with the first token that has what nobody gave. */
async function first(tries, beyond) {
  let count = 0
  for (const [name, send] of tries) {
    const answer = await send()
    count++
    if (answer.body.access_token !== undefined && beyond(answer.body)) return { won: true, how: `${name}: ${told(answer)}` }
  }
  return { won: false, how: `${count} ways, none gave more than was allowed` }
}

const scopeOf = (body) => (body.scope ?? '').split(' ')
const audienceOf = ({ access_token }) => {
  const { aud } = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString())
  return Array.isArray(aud) ? aud : [aud]
}

async function allowedDevice(world, fields) {
  const asked = await askDevice(world, fields)
  if (asked.body.user_code === undefined) throw new Error(`the device got no code: ${told(asked)}`)
  await answerDevice(world, asked.body.user_code)
  return { grant_type: DEVICE_CODE, client_id: 'tv', device_code: asked.body.device_code }
}

async function allowedCiba(world, fields = {}) {
  const form = { scope: 'openid accounts:read', login_hint: 'victim', binding_message: 'Till 7', ...fields }
  const asked = await post(`${world.issuer}/backchannel_authentication`, form, desk())
  if (asked.body.auth_req_id === undefined) throw new Error(`nobody was asked: ${told(asked)}`)
  await answerApproval(world)
  return { grant_type: CIBA, auth_req_id: asked.body.auth_req_id }
}

/** The tokens of each grant with parameters added to the last request; what is refused can be tried again with others. */
async function everyGrant(world, more) {
  const { issuer, keys } = world
  const at = (fields, headers) => () => post(`${issuer}/token`, [...Object.entries(fields), ...more], headers)
  const code = { grant_type: 'authorization_code', code: await deskCode(world), code_verifier: VERIFIER }
  const refresh = (await redeemAtDesk(world, await deskCode(world))).body.refresh_token
  const narrow = (await redeemAtDesk(world, await deskCode(world, { resource: world.api }))).body.refresh_token
  const device = await allowedDevice(world)
  const ciba = await allowedCiba(world)
  const assertion = await signed(keys.partner, { iss: PARTNER, sub: 'victim', aud: issuer })
  return [
    ['authorization_code', at(code, desk())],
    ['refresh_token', at({ grant_type: 'refresh_token', refresh_token: refresh }, desk())],
    ['refresh_token of one resource', at({ grant_type: 'refresh_token', refresh_token: narrow }, desk())],
    ['device_code', at(device)],
    ['ciba', at(ciba, desk())],
    ['jwt-bearer', at({ grant_type: JWT_BEARER, assertion }, desk())],
    ['client_credentials', at({ grant_type: 'client_credentials' }, robot())],
  ]
}

export const attacks = [
  {
    id: 'A37',
    title: 'CVE-2026-1486: an assertion of an issuer that was switched off is good for a token',
    weakening: [{ file: 'packages/server/dist/tokens/trusted-assertions.js', find: 'if (issuer.disabled)', put: 'if (false)' }],
    others: [
      [{ file: 'packages/server/dist/tokens/trusted-assertions.js', find: 'if (!issuer.clients.includes(clientId))', put: 'if (false)' }],
    ],
    async attack(world) {
      const { issuer, keys } = world
      const bring = async (key, claims, { header, headers = desk(), fields = {} } = {}) => {
        const assertion = await signed(key, { sub: 'victim', aud: issuer, ...claims }, header)
        return post(`${issuer}/token`, { grant_type: JWT_BEARER, assertion, scope: 'accounts:read', ...fields }, headers)
      }
      const good = await bring(keys.partner, { iss: PARTNER })
      if (good.body.access_token === undefined) throw new Error(`the partner is refused: ${told(good)}`)
      const tries = [
        ['switched off', () => bring(keys.former, { iss: FORMER })],
        ['with its own type', () => bring(keys.former, { iss: FORMER }, { header: { typ: 'authorization-grant+jwt' } })],
        ['to the token endpoint', () => bring(keys.former, { iss: FORMER, aud: `${issuer}/token` })],
        ['without scope', () => bring(keys.former, { iss: FORMER }, { fields: { scope: '' } })],
        ['in another case', () => bring(keys.former, { iss: FORMER.toUpperCase() })],
        ['with a slash more', () => bring(keys.former, { iss: `${FORMER}/` })],
        ['two issuers', () => bring(keys.former, { iss: [FORMER, PARTNER] })],
        ['its key in the name of one that is on', () => bring(keys.former, { iss: PARTNER })],
        ['its key beside', () => bring(keys.former, { iss: PARTNER }, { header: { jwk: keys.former.jwk } })],
        ['by a client that is not listed', () => bring(keys.partner, { iss: PARTNER }, { headers: robot() })],
        [
          'as the authentication of a client',
          async () => {
            const auth = await asserted(keys.former, 'keyed', issuer, { claims: { iss: FORMER } })
            return post(`${issuer}/token`, { grant_type: 'client_credentials', scope: 'accounts:read', ...auth })
          },
        ],
      ]
      const result = await first(tries, () => true)
      if (result.won) return result
      // Switched off while an assertion is under way.
      const late = await signed(keys.partner, { iss: PARTNER, sub: 'victim', aud: issuer })
      await world.restart((written) => ({ ...written, trustedIssuers: written.trustedIssuers.map((one) => ({ ...one, disabled: true })) }))
      try {
        const answer = await post(`${issuer}/token`, { grant_type: JWT_BEARER, assertion: late, scope: 'accounts:read' }, desk())
        return answer.body.access_token === undefined ? result : { won: true, how: `switched off under way: ${told(answer)}` }
      } finally {
        await world.restart()
      }
    },
  },
  {
    id: 'A38',
    title: 'CVE-2024-52287: scopes that a client is not registered for, or that nobody was shown',
    weakening: [
      { file: `${GRANTS}/client-credentials.js`, find: 'const beyond = firstBeyond(scopes, registered)', put: 'const beyond = undefined' },
    ],
    others: [
      // Looked at when it is asked, and again when the person answers.
      [
        { file: 'packages/server/dist/authorization/parse.js', find: '!client.scopes.includes(scope))', put: 'false)' },
        { file: 'packages/server/dist/authorization/asked.js', find: 'firstBeyond(asked.scopes, client.scopes)', put: 'undefined' },
      ],
      // The poll says what the token has.
      [
        {
          file: `${GRANTS}/polled.js`,
          find: '{ handle, resources, details }',
          put: "{ handle, resources, details, swapped: form.one('scope') }",
        },
        {
          file: `${GRANTS}/first-tokens.js`,
          find: 'policy.resources.target(params.resources, granted.resources, scopes,',
          put: "policy.resources.target(params.resources, granted.resources, params.swapped?.split(' ') ?? scopes,",
        },
      ],
      [{ file: `${GRANTS}/refresh-token.js`, find: 'firstBeyond(params.scopes, scopes)', put: 'undefined' }],
    ],
    async attack(world) {
      const { issuer } = world
      const token = (fields, headers) => () => post(`${issuer}/token`, fields, headers)
      const machine = (more) => token([['grant_type', 'client_credentials'], ...more], robot())
      const poll = await allowedDevice(world, { scope: 'openid' })
      const asked = ['payments:write', 'accounts:read payments:write', 'openid payments:write', 'accounts:read PAYMENTS:WRITE']
      const device = asked.map((scope) => [
        `a device asks for ${scope}`,
        async () => {
          const answer = await askDevice(world, { scope })
          if (answer.body.device_code === undefined) return answer
          await answerDevice(world, answer.body.user_code)
          return token({ grant_type: DEVICE_CODE, client_id: 'tv', device_code: answer.body.device_code })()
        },
      ])
      let refresh
      const tries = [
        ...asked.map((scope) => [`client_credentials with ${scope}`, machine([['scope', scope]])]),
        [
          'two scopes apart',
          machine([
            ['scope', 'accounts:read'],
            ['scope', 'payments:write'],
          ]),
        ],
        ['no scope, the resource alone', machine([['resource', PAYMENTS]])],
        [
          'scope and resource',
          machine([
            ['scope', 'payments:write'],
            ['resource', PAYMENTS],
          ]),
        ],
        ['a person’s scope', machine([['scope', 'openid accounts:read']])],
        ['with a tab', machine([['scope', 'accounts:read\tpayments:write']])],
        ...device,
        ...['payments:write', 'openid accounts:read', 'openid payments:write'].map((scope) => [
          `the poll asks for ${scope}`,
          async () => {
            const answer = await token({ ...poll, scope })()
            refresh ??= answer.body.refresh_token
            return answer
          },
        ]),
        ...['accounts:read', 'openid accounts:read', 'openid payments:write'].map((scope) => [
          `refresh with ${scope}`,
          () => token({ grant_type: 'refresh_token', client_id: 'tv', refresh_token: refresh ?? '', scope })(),
        ]),
      ]
      // A machine has accounts:read and nothing else; the device was allowed openid alone, where it asked for that.
      return first(tries, (body) => {
        const scopes = scopeOf(body)
        const machineToken = body.id_token === undefined && body.refresh_token === undefined
        return scopes.includes('payments:write') || (machineToken ? scopes.includes('openid') : scopes.includes('accounts:read'))
      })
    },
  },
  {
    id: 'A41',
    title: 'GHSA-p2fr-6hmx-4528: resource at the token request is one that was not granted',
    weakening: [
      {
        file: 'packages/server/dist/tokens/resources.js',
        find: 'if (granted.length > 0 ? !granted.includes(named) : !this.#servesAny(named, scopes, details))',
        put: 'if (false)',
      },
    ],
    async attack(world) {
      const added = [
        [['resource', PAYMENTS]],
        [['resource', `${PAYMENTS}/`]],
        [
          ['resource', world.api],
          ['resource', PAYMENTS],
        ],
        [['audience', PAYMENTS]],
        [
          ['resource', PAYMENTS],
          ['scope', 'payments:write'],
        ],
        [
          ['resource', PAYMENTS],
          ['scope', 'accounts:read'],
        ],
      ]
      const tries = []
      for (const more of added)
        for (const [name, send] of await everyGrant(world, more)) tries.push([`${name} with ${new URLSearchParams(more)}`, send])
      return first(tries, (body) => audienceOf(body).some((one) => one.startsWith(PAYMENTS)) || scopeOf(body).includes('payments:write'))
    },
  },
]
