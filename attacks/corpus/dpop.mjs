import { PAYMENTS, SECRET, TOKEN_EXCHANGE } from '../installation.mjs'
import { ath, basic, newKey, post, proof, told } from '../thief.mjs'
import { tokensOf } from '../world.mjs'

const CHECKS = 'packages/proof/dist/dpop-checks.js'

/** Shows the token at the API, and says what came back. */
async function show(world, token, dpop, { scheme = 'DPoP', headers = {} } = {}) {
  const response = await fetch(world.api, {
    headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }), ...headers },
  })
  const challenge = response.headers.get('www-authenticate') ?? ''
  return { status: response.status, how: `${response.status} ${/error="([^"]+)"/.exec(challenge)?.[1] ?? ''}`.trim() }
}

async function stolen(world) {
  const key = await newKey()
  const { access_token: token } = await tokensOf(world, key)
  return { key, token, right: (over = {}) => proof(key, 'GET', world.api, { ...over, claims: { ath: ath(token), ...over.claims } }) }
}

/** Wins when one of the proofs is let in. */
async function tryAll(world, token, proofs, options) {
  const tried = []
  for (const [name, made] of proofs) {
    const answer = await show(world, token, made, options)
    if (answer.status !== 401 && answer.status !== 400 && answer.status !== 431) return { won: true, how: `${name}: ${answer.how}` }
    tried.push(`${name} ${answer.how}`)
  }
  return { won: false, how: tried.join('; ') }
}

export const attacks = [
  {
    id: 'A63',
    title: 'a proof is shown twice, one after the other and at once',
    weakening: [{ file: 'packages/guard/dist/shown-proof.js', find: "seen === 'seen'", put: 'false' }],
    async attack(world) {
      const { token, right } = await stolen(world)
      const one = await right()
      const first = await show(world, token, one)
      const again = await show(world, token, one)
      const other = await right()
      const all = await Promise.all(Array.from({ length: 20 }, () => show(world, token, other)))
      const inside = all.filter(({ status }) => status === 200).length
      return {
        won: first.status === 200 && (again.status === 200 || inside !== 1),
        how: `first ${first.how}, again ${again.how}, ${inside} of 20 at once`,
      }
    },
  },
  {
    id: 'A65',
    title: 'a jti of 5 KB, and a proof too large to be one',
    weakening: [{ file: CHECKS, find: 'check: checkJti ', put: 'check: () => undefined ' }],
    async attack(world) {
      const { token, right } = await stolen(world)
      return tryAll(world, token, [
        ['5 KB jti', await right({ claims: { jti: 'j'.repeat(5000) } })],
        ['257 characters', await right({ claims: { jti: 'j'.repeat(257) } })],
        ['20 KB proof', await right({ claims: { more: 'm'.repeat(15000) } })],
      ])
    },
  },
  {
    id: 'A66',
    title: 'a proof without ath, or for another token',
    weakening: [{ file: CHECKS, find: 'check: checkAth ', put: 'check: () => undefined ' }],
    async attack(world) {
      const { key, token, right } = await stolen(world)
      return tryAll(world, token, [
        ['without ath', await proof(key, 'GET', world.api)],
        ['ath of another', await right({ claims: { ath: ath('another token') } })],
        ['empty ath', await right({ claims: { ath: '' } })],
      ])
    },
  },
  {
    id: 'A67',
    title: 'a wrong typ, alg none or HS256, a private key in jwk, a kid alone',
    weakening: [{ file: CHECKS, find: 'check: checkTyp ', put: 'check: () => undefined ' }],
    async attack(world) {
      const { key, token, right } = await stolen(world)
      return tryAll(world, token, [
        ['typ JWT', await right({ header: { typ: 'JWT' } })],
        ['no typ', await right({ header: { typ: undefined } })],
        ['alg none', await right({ header: { alg: 'none' } })],
        ['alg HS256', await right({ header: { alg: 'HS256' } })],
        ['private key', await right({ header: { jwk: key.secretJwk } })],
        ['kid alone', await right({ header: { jwk: undefined, kid: key.jkt } })],
      ])
    },
  },
  {
    id: 'A69',
    title: 'a bound token is shown as Bearer, at the API and at userinfo',
    weakening: [
      {
        file: 'packages/guard/dist/confirmation.js',
        find: "{ name: 'not bound under Bearer', rule: 'DPOP-49', check: checkUnboundUnderBearer },",
        put: '',
      },
      // Then nothing is asked for but the token: what is shown as Bearer is taken as such.
      {
        file: 'packages/guard/dist/confirmation.js',
        find: '?? found',
        put: "?? (scheme === 'Bearer' ? { jkt: undefined, x5t: undefined } : found)",
      },
    ],
    async attack(world) {
      const { token, right } = await stolen(world)
      const answers = [
        await show(world, token, undefined, { scheme: 'Bearer' }),
        await show(world, token, await right(), { scheme: 'Bearer' }),
      ]
      const userinfo = await fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })
      const body = await fetch(`${world.issuer}/userinfo`, { method: 'POST', body: new URLSearchParams({ access_token: token }) })
      return {
        won: answers.some(({ status }) => status === 200) || userinfo.status === 200 || body.status === 200,
        how: `API ${answers.map(({ how }) => how).join(', ')}; userinfo ${userinfo.status}, in the body ${body.status}`,
      }
    },
  },
  {
    id: 'A69-exchange',
    title: 'a bound token becomes one that anybody can show, at token exchange; or lets a thief in at introspection',
    weakening: [
      {
        file: 'packages/server/dist/grants/token-exchange.js',
        find: 'if (subject.read.confirmation !== undefined && binding === undefined)',
        put: 'if (false)',
      },
    ],
    async attack(world) {
      const { token } = await stolen(world)
      const fields = {
        grant_type: TOKEN_EXCHANGE,
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: PAYMENTS,
        scope: 'payments:write',
      }
      const exchanged = await post(`${world.issuer}/token`, fields, basic('accounts-api', SECRET))
      const asked = await post(`${world.issuer}/introspect`, { token }, { authorization: `Bearer ${token}` })
      return {
        won: exchanged.body.access_token !== undefined || asked.status === 200,
        how: `exchange ${told(exchanged)} ${exchanged.body.token_type ?? ''}, introspection ${asked.status}`,
      }
    },
  },
  {
    id: 'A72',
    title: 'a proof for another address, helped by forged headers',
    weakening: [{ file: CHECKS, find: 'check: checkHtu ', put: 'check: () => undefined ' }],
    async attack(world) {
      const { key, token } = await stolen(world)
      const evil = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example;proto=https' }
      const made = (htu) => proof(key, 'GET', htu, { claims: { ath: ath(token) } })
      const { origin, pathname } = new URL(world.api)
      return tryAll(
        world,
        token,
        [
          ['another host', await made(`https://evil.example${pathname}`)],
          ['a slash more', await made(`${world.api}/`)],
          ['another case', await made(`${origin}${pathname.toUpperCase()}`)],
          ['https', await made(world.api.replace('http:', 'https:'))],
          ['no port', await made(`http://127.0.0.1${pathname}`)],
        ],
        { headers: evil },
      )
    },
  },
]
