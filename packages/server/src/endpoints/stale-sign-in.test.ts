import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { answerApproval, askPerson, bank, openApprovals, pollAnswer } from '../test/backchannel.ts'
import { askDevice, decide, deviceOf, pollDevice, television, typeCode } from '../test/device.ts'
import type { Seen } from '../test/person.ts'
import { PASSWORD, startServer } from '../test/server.ts'

const AGES = [300, 0]

/**
 * The session is the person's at every other application, too: it stays, and so does the name by which they know it, so that
 * they hear of its end (LOGO-01).
 */
async function anew({ as, person }: Application, late: Seen): Promise<void> {
  const sidOf = async (): Promise<readonly string[]> =>
    (await as.store.list('session', 'subject', 'u_ada', { limit: 5 })).items.map(({ value }) => value.sid)
  const before = await sidOf()
  expect(before).toHaveLength(1)
  as.clock.advance(10)
  const page = await person.arrive(late.location ?? '')
  expect(page.text).toContain('login-submit')
  await person.submit(page, { username: 'ada', password: PASSWORD })
  expect(await sidOf()).toEqual(before)
}

test.each(AGES)('OIDC-16 OpenID Connect Registration §2: default_max_age %i holds for a device too', async (defaultMaxAge) => {
  const client = television({ defaultMaxAge })
  const app = deviceOf(await startServer([client]), client)
  await typeCode(app.person, (await askDevice(app)).userCode)
  app.as.clock.advance(301)
  const { deviceCode, userCode } = await askDevice(app)
  const late = await decide(app.person, await typeCode(app.person, userCode), 'allow')
  expect(late.location?.pathname).toBe('/sign-in/device')
  expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  await anew(app, late)
  expect((await decide(app.person, await typeCode(app.person, userCode), 'allow')).text).toContain('Your device is connected')
  expect(told(await pollDevice(app, deviceCode))).toBe('200')
})

test.each(AGES)('OIDC-16 OpenID Connect Registration §2: default_max_age %i holds for a backchannel request too', async (defaultMaxAge) => {
  const client = bank({ defaultMaxAge })
  const app = new Application(await startServer([client]), client)
  await openApprovals(app.person)
  app.as.clock.advance(301)
  const { authReqId } = await askPerson(app)
  const late = await answerApproval(app.person, await openApprovals(app.person), 'allow')
  expect(late.location?.pathname).toBe('/sign-in/approve')
  expect(told(await pollAnswer(app, authReqId))).toBe('400 authorization_pending')
  await anew(app, late)
  expect((await answerApproval(app.person, await openApprovals(app.person), 'allow')).text).toContain('You allowed it')
  expect(told(await pollAnswer(app, authReqId))).toBe('200')
})

test('a no needs no new sign-in', async () => {
  const client = television({ defaultMaxAge: 0 })
  const app = deviceOf(await startServer([client]), client)
  await typeCode(app.person, (await askDevice(app)).userCode)
  app.as.clock.advance(301)
  const { userCode } = await askDevice(app)
  const answer = await decide(app.person, await typeCode(app.person, userCode), 'deny')
  expect(answer.text).toContain('The device was not connected')
})
