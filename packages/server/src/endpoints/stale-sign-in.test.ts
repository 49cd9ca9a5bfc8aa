import { expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { answerApproval, askPerson, bank, openApprovals, pollAnswer } from '../test/backchannel.ts'
import { askDevice, decide, deviceOf, pollDevice, television, typeCode } from '../test/device.ts'
import { startServer } from '../test/server.ts'

const AGES = [300, 0]

test.each(AGES)('OIDC-16 OpenID Connect Registration §2: default_max_age %i holds for a device too', async (defaultMaxAge) => {
  const client = television({ defaultMaxAge })
  const app = deviceOf(await startServer([client]), client)
  await typeCode(app.person, (await askDevice(app)).userCode)
  app.as.clock.advance(301)
  const { deviceCode, userCode } = await askDevice(app)
  const late = await decide(app.person, await typeCode(app.person, userCode), 'allow')
  expect(late.location?.pathname).toBe('/sign-in/device')
  expect(told(await pollDevice(app, deviceCode))).toBe('400 authorization_pending')
  app.as.clock.advance(10)
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
  app.as.clock.advance(10)
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
