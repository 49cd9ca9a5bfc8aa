import { expect } from 'vitest'
import { tally, told } from '../../packages/server/src/test/application.ts'
import { authorizationParameters, type Seen } from '../../packages/server/src/test/person.ts'
import { eventsOf } from '../../packages/server/src/test/resource-server.ts'
import { client, publicClient } from '../../packages/server/src/test/server.ts'
import { AT_ONCE, both, type SingleUse, winner, yesOrNo } from './nodes.ts'

const CODE = client({ clientId: 'code' })
const PUSHED = client({ clientId: 'pushed' })
const ASKED = client({ clientId: 'asked' })
const ROTATING = publicClient({ clientId: 'rotating' })
const REVOKED = client({ clientId: 'revoked' })

const hasCode = ({ location }: Seen): boolean => location?.searchParams.has('code') === true
const isOver = ({ status, text }: Seen): boolean => status === 400 && /is already answered|is over/.test(text)

/** What the authorization endpoint gives, and the tokens that come of it. */
export const CODES: readonly SingleUse[] = [
  {
    name: 'OA-50 A24 an authorization code: one redemption, and the replay ends its grant',
    client: CODE,
    async race(nodes) {
      const apps = nodes.apps(CODE)
      const code = await apps[0].code()
      const answers = await both(apps, (app) => app.redeem(code))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
      const { body } = winner(answers)
      for (const app of apps) {
        expect(told(await app.refresh(body['refresh_token'] as string))).toBe('400 invalid_grant')
        expect(told(await app.userinfo(String(body['access_token'])))).toBe('401 invalid_token')
      }
      expect(await nodes.standing(CODE)).toEqual({ grants: 0, families: 0 })
    },
  },
  {
    name: 'PAR-17 A43 a pushed request that fifty tabs finish: one code',
    client: PUSHED,
    async race(nodes) {
      const [person, elsewhere] = nodes.persons()
      const apps = nodes.apps(PUSHED, { person })
      // Signed in and asked once, so that a tab is answered at once.
      await apps[0].tokens()
      const pushed = await apps[0].post('/par', Object.fromEntries(authorizationParameters({ client_id: 'pushed' })))
      const query = new URLSearchParams({ client_id: 'pushed', request_uri: String(pushed.body['request_uri']) })
      const seen = await both([person, elsewhere], (tab) => tab.authorize(query))
      expect([seen.filter(hasCode).length, seen.filter(isOver).length]).toEqual([1, AT_ONCE - 1])
      expect(await nodes.standing(PUSHED)).toEqual({ grants: 2, families: 1 })
      const code = seen.find(hasCode)?.location?.searchParams.get('code') ?? ''
      expect(told(await apps[1].redeem(code))).toBe('200')
      expect(isOver(await elsewhere.authorize(query))).toBe(true)
    },
  },
  {
    name: 'PAR-17 OA-29 the consent form of one request, half of the answers no: one is told to the client',
    client: ASKED,
    async race(nodes) {
      const persons = nodes.persons()
      const [person] = persons
      const signedIn = await person.signIn(await person.authorize(authorizationParameters({ client_id: 'asked' })))
      const page = await person.go(signedIn.location ?? '')
      expect(page.text).toContain('name="answer"')
      const seen = await both(persons, (tab, index) => tab.submit(page, { answer: yesOrNo(index) }))
      const told303 = winner(seen, 303).location
      expect(seen.filter(({ status }) => status === 400)).toHaveLength(AT_ONCE - 1)
      const code = told303?.searchParams.get('code')
      expect(told303?.searchParams.get('error')).toBe(code === null ? 'access_denied' : null)
      expect(await nodes.standing(ASKED)).toEqual({ grants: code === null ? 0 : 1, families: 0 })
      if (typeof code === 'string') expect(told(await nodes.apps(ASKED)[1].redeem(code))).toBe('200')
    },
  },
  {
    // A lost answer must be answerable: within the grace all hear the same successor, and there is one rotation.
    name: 'RT-03 RT-04 RT-05 A25 a refresh token: one rotation, whose successor all fifty get; the one before it ends the family at both',
    client: ROTATING,
    async race(nodes) {
      const apps = nodes.apps(ROTATING)
      const { refresh } = await apps[0].tokens()
      const events = [...new Set(nodes.servers.map(({ store }) => store))].map((store) => eventsOf({ store }))
      const answers = await both(apps, (app) => app.refresh(refresh))
      expect(tally(answers)).toEqual({ '200': 50 })
      expect(events.flat().filter(({ type }) => type === 'refresh.rotated')).toHaveLength(1)
      const successors = [...new Set(answers.map(({ body }) => body['refresh_token']))]
      expect(successors).toHaveLength(1)
      expect(successors).not.toContain(refresh)
      const { items } = await nodes.servers[1].store.list('refresh_family', 'clientId', 'rotating', { limit: 2 })
      // The first token is of generation 1.
      expect(items.map(({ value }) => value.generation)).toEqual([2])
      expect(await nodes.standing(ROTATING)).toEqual({ grants: 1, families: 1 })

      const second = await apps[1].refresh(String(successors[0]))
      expect(told(second)).toBe('200')
      expect(told(await apps[0].refresh(refresh))).toBe('400 invalid_grant')
      expect(told(await apps[1].refresh(String(second.body['refresh_token'])))).toBe('400 invalid_grant')
      expect(await nodes.standing(ROTATING)).toEqual({ grants: 0, families: 0 })
    },
  },
  {
    name: 'REV-05 REV-06 a revocation among fifty refreshes: no token of the grant lives on',
    client: REVOKED,
    async race(nodes) {
      const apps = nodes.apps(REVOKED)
      const { refresh } = await apps[0].tokens()
      const answers = await both(apps, (app, index) => (index === 20 ? app.post('/revoke', { token: refresh }) : app.refresh(refresh)))
      expect(answers[20]?.status).toBe(200)
      const known = answers.flatMap(({ body }) => (body['refresh_token'] === undefined ? [] : [body['refresh_token'] as string]))
      for (const token of new Set([refresh, ...known])) expect(told(await apps[0].refresh(token))).toBe('400 invalid_grant')
      expect(await nodes.standing(REVOKED)).toEqual({ grants: 0, families: 0 })
    },
  },
]
