import { expect } from 'vitest'
import { told } from '../../packages/server/src/test/application.ts'
import { authorizationParameters, type Person, type Seen } from '../../packages/server/src/test/person.ts'
import { client, ISSUER } from '../../packages/server/src/test/server.ts'
import { AT_ONCE, both, type Nodes, type SingleUse } from './nodes.ts'

const ISSUING = client({ clientId: 'taken-back-while-codes-are-issued' })
const REDEEMING = client({ clientId: 'taken-back-while-codes-are-redeemed' })

/** Takes back what the client was given, by the form of the account page. */
async function takeBack(person: Person, clientId: string): Promise<() => Promise<Seen>> {
  const { text } = await person.go(`${ISSUER}/account`)
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
  return () => person.post(`${ISSUER}/account/applications`, { csrf, answer: 'revoke', client: clientId })
}

/** Nothing may be left that was given before, and what is left over of it in somebody's hands is worth nothing. */
async function nothingLeft(nodes: Nodes, { clientId }: typeof ISSUING): Promise<void> {
  expect(await nodes.standing({ ...ISSUING, clientId })).toEqual({ grants: 0, families: 0 })
  expect((await nodes.servers[0].store.list('consent', 'clientId', clientId, { limit: 1 })).items).toEqual([])
}

/** What a person takes back while the application is at work. */
export const ACCOUNT: readonly SingleUse[] = [
  {
    name: 'A54 an application is taken back while codes for it are issued without asking: none of them leads to a grant',
    client: ISSUING,
    async race(nodes) {
      const persons = nodes.persons()
      const [app] = nodes.apps(ISSUING, { person: persons[0] })
      await app.tokens()
      const revoke = await takeBack(persons[1], ISSUING.clientId)
      const asked = authorizationParameters({ client_id: ISSUING.clientId })
      const seen = await both(persons, (tab, index) => (index === 20 ? revoke() : tab.authorize(asked)))
      await nothingLeft(nodes, ISSUING)
      const codes = seen.map(({ location }) => location?.searchParams.get('code')).filter((code) => typeof code === 'string')
      const answers = await Promise.all(codes.map((code) => app.redeem(code)))
      expect(answers.map(told)).toEqual(codes.map(() => '400 invalid_grant'))
      expect((await persons[0].arrive((await persons[0].authorize(asked)).location ?? '')).text).toContain('consent-allow')
    },
  },
  {
    name: 'A54 an application is taken back while its codes and refresh tokens are used: whoever was first has nothing after',
    client: REDEEMING,
    async race(nodes) {
      const persons = nodes.persons()
      const apps = nodes.apps(REDEEMING, { person: persons[0] })
      const { refresh } = await apps[0].tokens()
      const codes: string[] = []
      while (codes.length < AT_ONCE / 2) codes.push(await apps[0].code())
      const revoke = await takeBack(persons[1], REDEEMING.clientId)
      const answers = await both(apps, async (app, index) => {
        if (index === 25) return revoke()
        return index < 25 ? app.redeem(codes[index] ?? '') : app.refresh(refresh)
      })
      expect(answers[25]?.status).toBe(303)
      await nothingLeft(nodes, REDEEMING)
      for (const answer of answers) {
        if (!('body' in answer) || answer.status !== 200) continue
        expect((await apps[1].userinfo(String(answer.body['access_token']))).status).toBe(401)
        expect(told(await apps[1].refresh(String(answer.body['refresh_token'])))).toBe('400 invalid_grant')
      }
    },
  },
]
