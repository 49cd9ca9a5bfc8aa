import { expect, vi } from 'vitest'
import { told } from '../../packages/server/src/test/application.ts'
import { endSessionUrl, isSignedIn, signedInAt } from '../../packages/server/src/test/logout.ts'
import { authorizationParameters, type Seen } from '../../packages/server/src/test/person.ts'
import { eventsOf } from '../../packages/server/src/test/resource-server.ts'
import { client } from '../../packages/server/src/test/server.ts'
import { AT_ONCE, both, type Nodes, type SingleUse } from './nodes.ts'

// The guard refuses to ask there: a delivery is over at once, and leaves its event.
const LEAVING = client({ clientId: 'leaving', backchannelLogoutUri: 'https://127.0.0.1:9/l' })
const CODED = client({ clientId: 'leaving-with-codes', backchannelLogoutUri: 'https://127.0.0.1:9/c' })
const REFRESHED = client({ clientId: 'leaving-with-refreshes', backchannelLogoutUri: 'https://127.0.0.1:9/r' })

const eventsAt = (nodes: Nodes): (() => readonly string[]) => {
  const events = [...new Set(nodes.servers.map(({ store }) => store))].map((store) => eventsOf({ store }))
  return () => events.flat().map(({ type }) => type)
}
const count = (types: readonly string[], wanted: string): number => types.filter((type) => type === wanted).length

/** Nothing is left to do, and so many deliveries were over. */
async function settled(nodes: Nodes, events: () => readonly string[], deliveries: number): Promise<void> {
  await vi.waitFor(async () => {
    const { store } = nodes.servers[1]
    expect((await store.list('ended_session', 'state', 'ending', { limit: 1 })).items).toEqual([])
    expect((await store.list('logout_delivery', 'state', 'waiting', { limit: 1 })).items).toEqual([])
    expect(count(events(), 'logout.undelivered')).toBe(deliveries)
  }, 5000)
}

/** What is done when a session ends, whoever else is at work in it. */
export const SIGNING_OUT: readonly SingleUse[] = [
  {
    name: 'LOGO-07 LOGO-10 a session that fifty tabs end: it ends once, and the client is told once',
    client: LEAVING,
    async race(nodes) {
      const tabs = nodes.persons()
      const { idToken } = await signedInAt(nodes.servers[0], LEAVING, tabs[0])
      const events = eventsAt(nodes)
      const seen = await both(tabs, (tab) => tab.go(endSessionUrl({ id_token_hint: idToken })))
      expect(seen.map(({ status }) => status)).toEqual(Array.from({ length: AT_ONCE }, () => 200))
      await settled(nodes, events, 1)
      expect(count(events(), 'session.ended')).toBe(1)
      expect(await nodes.standing(LEAVING)).toEqual({ grants: 0, families: 0 })
      expect(await isSignedIn(tabs[1])).toBe(false)
    },
  },
  {
    name: 'LOGO-10 LOGO-14 a sign-out among codes that are given: none of them gives tokens after, and the client is told',
    client: CODED,
    async race(nodes) {
      const tabs = nodes.persons()
      const { idToken } = await signedInAt(nodes.servers[0], CODED, tabs[0])
      const cookies = [...tabs[0].cookies]
      const events = eventsAt(nodes)
      const query = authorizationParameters({ client_id: CODED.clientId })
      const seen = await both(tabs, (tab, index): Promise<Seen> => {
        // Tabs whose requests were on their way have the cookie still.
        for (const [name, value] of cookies) tab.cookies.set(name, value)
        return index === 20 ? tab.go(endSessionUrl({ id_token_hint: idToken })) : tab.authorize(query)
      })
      await settled(nodes, events, 1)
      const codes = seen.flatMap(({ location }) => location?.searchParams.get('code') ?? [])
      for (const code of codes) expect(told(await nodes.apps(CODED)[1].redeem(code))).toBe('400 invalid_grant')
      expect(await nodes.standing(CODED)).toEqual({ grants: 0, families: 0 })
    },
  },
  {
    name: 'LOGO-14 a sign-out among redemptions and refreshes: no token lives on',
    client: REFRESHED,
    async race(nodes) {
      const tabs = nodes.persons()
      const apps = nodes.apps(REFRESHED, { person: tabs[0] })
      const { idToken, refresh } = await signedInAt(nodes.servers[0], REFRESHED, tabs[0])
      const codes: string[] = []
      for (let made = 0; made < AT_ONCE / 2; made++) codes.push(await apps[0].code())
      const events = eventsAt(nodes)
      const [answers] = await Promise.all([
        both(apps, (app, index) => (index % 2 === 0 ? app.redeem(codes[index / 2] ?? '') : app.refresh(refresh))),
        tabs[1].go(endSessionUrl({ id_token_hint: idToken })),
      ])
      await settled(nodes, events, 1)
      const tokens = answers.flatMap(({ body }) => body['refresh_token'] ?? []).map(String)
      for (const token of new Set([refresh, ...tokens])) expect(told(await apps[1].refresh(token))).toBe('400 invalid_grant')
      for (const { body } of answers)
        if (typeof body['access_token'] === 'string') expect(told(await apps[0].userinfo(body['access_token']))).toBe('401 invalid_token')
      expect(await nodes.standing(REFRESHED)).toEqual({ grants: 0, families: 0 })
    },
  },
]
