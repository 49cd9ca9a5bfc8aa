import { expect } from 'vitest'
import { tally, told } from '../../packages/server/src/test/application.ts'
import { answerApproval, answeredBy, askPerson, bank, openApprovals, pollAnswer } from '../../packages/server/src/test/backchannel.ts'
import { answered, askDevice, decide, pollDevice, television, typeCode } from '../../packages/server/src/test/device.ts'
import type { Seen } from '../../packages/server/src/test/person.ts'
import { AT_ONCE, both, type SingleUse, winner, yesOrNo } from './nodes.ts'

const ASKING_TV = television({ clientId: 'asking-tv' })
const POLLING_TV = television({ clientId: 'polling-tv' })
const HASTY_TV = television({ clientId: 'hasty-tv' })
const ASKING_BANK = bank({ clientId: 'asking-bank' })
const POLLING_BANK = bank({ clientId: 'polling-bank' })

const isOver = ({ status, text }: Seen): boolean => status === 400 && text.includes('This request is over')

/** Requests that wait for a person elsewhere: the person's answer, and the poll that fetches what it gave. */
export const WAITING: readonly SingleUse[] = [
  {
    name: 'DEV-18 the person’s answer to a device, half of them no: one counts',
    client: ASKING_TV,
    async race(nodes) {
      const persons = nodes.persons()
      const [app] = nodes.apps(ASKING_TV, { person: persons[0] })
      const { deviceCode, userCode } = await askDevice(app)
      const page = await typeCode(persons[0], userCode)
      const seen = await both(persons, (tab, index) => decide(tab, page, yesOrNo(index)))
      const allowed = winner(seen).text.includes('Your device is connected')
      expect(seen.filter(isOver)).toHaveLength(AT_ONCE - 1)
      expect(await nodes.standing(ASKING_TV)).toEqual({ grants: allowed ? 1 : 0, families: 0 })
      expect(told(await pollDevice(app, deviceCode))).toBe(allowed ? '200' : '400 access_denied')
    },
  },
  {
    name: 'DEV-24 a device_code that was approved: one poll has the tokens, and they stay good',
    client: POLLING_TV,
    async race(nodes) {
      const apps = nodes.apps(POLLING_TV)
      const { deviceCode } = await answered(apps[0], 'allow')
      const answers = await both(apps, (app) => pollDevice(app, deviceCode))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
      expect(await nodes.standing(POLLING_TV)).toEqual({ grants: 1, families: 1 })
      expect(told(await apps[1].refresh(String(winner(answers).body['refresh_token'])))).toBe('200')
    },
  },
  {
    name: 'DEV-21 polls before the answer: one is on time, the others are slowed down, and the interval grew once',
    client: HASTY_TV,
    async race(nodes) {
      const apps = nodes.apps(HASTY_TV)
      const { deviceCode } = await askDevice(apps[0])
      const answers = await both(apps, (app) => pollDevice(app, deviceCode))
      expect(tally(answers)).toEqual({ '400 authorization_pending': 1, '400 slow_down': 49 })
      expect((await nodes.servers[1].store.read('device_request', deviceCode.slice(0, 26)))?.value.interval).toBe(10)
    },
  },
  {
    name: 'CIBA-05 the person’s answer to a client, half of them no: one counts',
    client: ASKING_BANK,
    async race(nodes) {
      const persons = nodes.persons()
      const [app] = nodes.apps(ASKING_BANK, { person: persons[0] })
      const { authReqId } = await askPerson(app)
      const page = await openApprovals(persons[0])
      const seen = await both(persons, (tab, index) => answerApproval(tab, page, yesOrNo(index)))
      const allowed = winner(seen).text.includes('You allowed it')
      expect(seen.filter(isOver)).toHaveLength(AT_ONCE - 1)
      expect(await nodes.standing(ASKING_BANK)).toEqual({ grants: allowed ? 1 : 0, families: 0 })
      expect(told(await pollAnswer(app, authReqId))).toBe(allowed ? '200' : '400 access_denied')
    },
  },
  {
    name: 'CIBA-05 an auth_req_id that was approved: one poll has the tokens, and they stay good',
    client: POLLING_BANK,
    async race(nodes) {
      const apps = nodes.apps(POLLING_BANK)
      const { authReqId } = await answeredBy(apps[0], 'allow')
      const answers = await both(apps, (app) => pollAnswer(app, authReqId))
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': 49 })
      expect(await nodes.standing(POLLING_BANK)).toEqual({ grants: 1, families: 1 })
      expect(told(await apps[1].refresh(String(winner(answers).body['refresh_token'])))).toBe('200')
    },
  },
]
