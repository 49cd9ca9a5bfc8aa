/** A guard in a process of its own, as one of several of an API: answers each line of `{token, proof}` with a status. Started by redis.test.ts. */
import { createInterface } from 'node:readline'
import { createGuard } from '@holdfast/guard'
import { openRedisMemory } from '@holdfast/store-redis'
import { API, ISSUER, verdictOf } from '../packages/guard/src/test/api.ts'

const [url = '', prefix = '', key = ''] = process.argv.slice(2)
const jwksUri = `${ISSUER}/jwks`

// A disk that many tests keep busy is not a server that is away: whoever is away refuses at once.
const memory = await openRedisMemory({ url, prefix, timeoutMilliseconds: 10_000 })
const guard = createGuard({
  issuer: ISSUER,
  resource: API,
  jwksUri,
  memory,
  fetch: () => Promise.resolve(Response.json({ keys: [JSON.parse(key)] })),
})
process.stdout.write('open\n')
for await (const line of createInterface({ input: process.stdin })) {
  const { token, proof } = JSON.parse(line) as { readonly token: string; readonly proof: string }
  process.stdout.write(`${(await verdictOf(guard, { token, proof })).status}\n`)
}
await memory.close()
