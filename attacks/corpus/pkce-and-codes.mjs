import { challengeOf, newKey, post, postWithProof, VERIFIER } from '../thief.mjs'
import { authorizeUrl, codeOf, through } from '../world.mjs'

const PKCE = 'packages/protocol/dist/pkce.js'
const CODE = 'packages/server/dist/grants/authorization-code.js'

const redeem = (world, fields) => post(`${world.issuer}/token`, { grant_type: 'authorization_code', client_id: 'native', ...fields })
const told = ({ status, body }) => `${status} ${body.error ?? 'with tokens'}`

export const attacks = [
  {
    id: 'A18',
    title: 'CVE-2023-48228: code_verifier is left out, and PKCE is skipped',
    weakening: [
      {
        file: PKCE,
        find: 'if (verifier === undefined)',
        put: 'if (verifier === undefined) return undefined;\n    if (verifier === undefined)',
      },
    ],
    async attack(world) {
      const answer = await redeem(world, { code: await codeOf(world) })
      return { won: answer.body.access_token !== undefined, how: told(answer) }
    },
  },
  {
    id: 'A19',
    title: 'CVE-2024-23647: code_challenge is stripped from the request, and the code needs no verifier',
    weakening: [{ file: 'packages/server/dist/authorization/parse.js', find: 'if (challenge === undefined &&', put: 'if (false &&' }],
    async attack(world) {
      const { location } = await through(world, authorizeUrl(world, { code_challenge: undefined, code_challenge_method: undefined }))
      const parameters = new URL(location ?? 'none:').searchParams
      const code = parameters.get('code')
      if (code === null) return { won: false, how: `no code: ${parameters.get('error')}` }
      const answer = await redeem(world, { code, redirect_uri: 'http://127.0.0.1:5000/callback' })
      return { won: answer.body.access_token !== undefined, how: told(answer) }
    },
  },
  {
    id: 'A21',
    title: 'CVE-2025-4144: the verifier is not compared',
    weakening: [{ file: PKCE, find: 'equalSecrets(computed, challenge.value)', put: 'true' }],
    async attack(world) {
      const answer = await redeem(world, { code: await codeOf(world), code_verifier: 'w'.repeat(43) })
      return { won: answer.body.access_token !== undefined, how: told(answer) }
    },
  },
  {
    id: 'A23',
    title: 'GHSA-9h47-pqcx-hjr4: plain is taken, or weak methods are advertised',
    weakening: [{ file: PKCE, find: "if (method !== 'S256')", put: 'if (false)' }],
    async attack(world) {
      const metadata = await (await fetch(`${world.issuer}/.well-known/openid-configuration`)).json()
      const weak = JSON.stringify(
        Object.entries(metadata).filter(
          ([name]) =>
            name.endsWith('_supported') &&
            !name.startsWith('token_endpoint_auth_methods') &&
            !name.startsWith('revocation_endpoint_auth_methods') &&
            !name.startsWith('prompt'),
        ),
      )
      if (/"plain"|"none"|"HS\d+"/.test(weak)) return { won: true, how: 'the metadata advertises plain, none or HS' }
      for (const method of ['plain', undefined, 's256']) {
        const { location } = await through(
          world,
          authorizeUrl(world, { code_challenge: challengeOf(VERIFIER), code_challenge_method: method }),
        )
        if (new URL(location ?? 'none:').searchParams.has('code')) return { won: true, how: `a code for code_challenge_method ${method}` }
      }
      return { won: false, how: 'nothing weak is advertised; plain, none and s256 are refused' }
    },
  },
  {
    id: 'A24',
    title: 'CVE-2026-53518: a code is redeemed many times at once',
    weakening: [
      {
        file: 'packages/server/dist/endpoints/client-request.js',
        find: '...changes, ...burnt]',
        put: "...changes.filter(({ kind }) => kind !== 'authorization_code' && kind !== 'grant'), ...burnt]",
      },
    ],
    async attack(world) {
      const code = await codeOf(world)
      const all = await Promise.all(Array.from({ length: 50 }, () => redeem(world, { code, code_verifier: VERIFIER })))
      const won = all.filter(({ body }) => body.access_token !== undefined)
      const family = await post(`${world.issuer}/token`, {
        grant_type: 'refresh_token',
        client_id: 'native',
        refresh_token: won[0]?.body.refresh_token ?? '',
      })
      return {
        won: won.length !== 1 || family.body.access_token !== undefined,
        how: `${won.length} of 50 succeeded; the family afterwards: ${told(family)}`,
      }
    },
  },
  {
    id: 'A71',
    title: 'a code bound to a key by dpop_jkt is redeemed with another key',
    weakening: [{ file: CODE, find: 'if (code.dpopJkt !== undefined &&', put: 'if (false &&' }],
    async attack(world) {
      const [owner, thief] = [await newKey(), await newKey()]
      const fields = {
        grant_type: 'authorization_code',
        client_id: 'native',
        code: await codeOf(world, { dpop_jkt: owner.jkt }),
        code_verifier: VERIFIER,
      }
      const answers = [await postWithProof(`${world.issuer}/token`, fields, thief), await post(`${world.issuer}/token`, fields)]
      return { won: answers.some(({ body }) => body.access_token !== undefined), how: answers.map(told).join(', ') }
    },
  },
]
