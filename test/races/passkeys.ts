import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { expect } from 'vitest'
import { phoneApp } from '../../packages/server/src/test/challenged.ts'
import { PASSWORD } from '../../packages/server/src/test/server.ts'
import { codeAt } from '../one-time-code.ts'
import { both, type Nodes, type SingleUse } from './nodes.ts'

const PLACE = { rpId: 'as.example', rpName: 'Example', origin: 'https://as.example' }
const yes = (outcomes: readonly unknown[]): number =>
  outcomes.filter(
    (outcome) => outcome === true || outcome === 'added' || (typeof outcome === 'object' && outcome !== null && 'account' in outcome),
  ).length

/** A person of this race alone: nobody else's second factor may change on the way. */
async function somebody({ accounts: [first] }: Nodes, username: string): Promise<string> {
  const made = await first.createAccount({ username, password: PASSWORD })
  if (!('sub' in made)) throw new Error(made.message)
  return made.sub
}

/** What people prove themselves with, and set up by themselves; asked of the accounts, as no endpoint is between. */
export const PASSKEYS: readonly SingleUse[] = [
  ...[true, false].map((synced): SingleUse => {
    const kind = synced ? 'without a counter' : 'with a counter'
    return {
      name: `A54 WebAuthn §7: an enrolment is added once, and an answer ${kind} signs in once`,
      client: phoneApp({ clientId: `passkeys-${String(synced)}` }),
      async race(nodes) {
        const now = nodes.clock.now()
        const sub = await somebody(nodes, `passkey ${kind}`)
        const authenticator = new SoftwareAuthenticator(PLACE.origin, { synced })
        const asked = await nodes.accounts[0].passkeys.creationOptions(PLACE, sub)
        const made = JSON.stringify(authenticator.create(asked.options))
        expect(yes(await both(nodes.accounts, ({ passkeys }) => passkeys.add(PLACE, sub, asked.challenge, made, 'one', now)))).toBe(1)
        expect(await nodes.accounts[1].passkeys.list(sub)).toHaveLength(1)

        const { challenge, options } = await nodes.accounts[1].passkeys.requestOptions(PLACE)
        const answer = JSON.stringify(authenticator.get(options))
        expect(yes(await both(nodes.accounts, ({ passkeys }) => passkeys.verify(PLACE, challenge, answer, now)))).toBe(1)

        const [one] = await nodes.accounts[0].passkeys.list(sub)
        expect(one?.copySuspectedAt).toBeUndefined()
        expect(yes(await both(nodes.accounts, ({ passkeys }) => passkeys.remove(sub, one?.id ?? '')))).toBe(1)
        expect((await nodes.accounts[1].find(sub))?.secondFactors).toBeUndefined()
      },
    }
  }),
  {
    name: 'RFC 6238 §5.2 the first code of an authenticator app: confirms it once, and signs nobody in',
    client: phoneApp({ clientId: 'authenticator-apps' }),
    async race(nodes) {
      const now = nodes.clock.now()
      const sub = await somebody(nodes, 'app')
      const { secret } = (await nodes.accounts[0].authenticatorApps?.begin(sub, 'Example', now)) ?? { secret: '' }
      const code = codeAt(now, secret)
      const [confirmed, signedIn] = await Promise.all([
        both(nodes.accounts, async ({ authenticatorApps }) => authenticatorApps?.confirm(sub, code, now)),
        both(nodes.accounts, (accounts) => accounts.verifyOneTimeCode(sub, code, now)),
      ])
      expect([yes(confirmed), yes(signedIn)]).toEqual([1, 0])
      expect(yes(await both(nodes.accounts, (accounts) => accounts.verifyOneTimeCode(sub, code, now)))).toBe(0)
      expect(await nodes.accounts[1].verifyOneTimeCode(sub, codeAt(now + 30, secret), now + 30)).toBe(true)
    },
  },
]
