import { describe, expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { answeredBy, askPerson, bank, openApprovals, pollAnswer } from '../test/backchannel.ts'
import { answered, askDevice, decide, deviceOf, pollDevice, television, typeCode } from '../test/device.ts'
import { details, PAY, SEE, startDetailsServer } from '../test/details.ts'
import { Person } from '../test/person.ts'
import { startServer } from '../test/server.ts'

const tv = television({ authorizationDetailsTypes: ['payment_initiation'] })
const counter = bank({ authorizationDetailsTypes: ['payment_initiation'] })
const asked = { scope: 'openid', authorization_details: details(PAY) }

describe('authorization_details of a device', () => {
  test('DEV-04 RFC 9396 §3: checked by type and client, with or without scope', async () => {
    const app = deviceOf(await startDetailsServer([tv]), tv)
    expect(told((await askDevice(app, asked)).answer)).toBe('200')
    expect(told((await askDevice(app, { ...asked, scope: undefined })).answer)).toBe('200')
    for (const wrong of [details(SEE), details({ type: 'unknown' }), details({ ...PAY, extra: 1 }), '{}', 'x'])
      expect(told((await askDevice(app, { authorization_details: wrong })).answer)).toBe('400 invalid_authorization_details')
  })

  test('DEV-15 RAR-04 the person sees them in words, and the tokens have what was allowed', async () => {
    const app = deviceOf(await startDetailsServer([tv]), tv)
    const { deviceCode, userCode } = await askDevice(app, asked)
    const page = await typeCode(app.person, userCode)
    expect(page.text.replace(/<[^>]*>/g, '')).toContain('Pay 123.50 EUR to Merchant A')
    await decide(app.person, page, 'allow')
    expect((await pollDevice(app, deviceCode)).body['authorization_details']).toEqual([PAY])
  })

  test('A38 RAR-06 details that were not allowed are refused at the poll, and spend nothing', async () => {
    const app = deviceOf(await startDetailsServer([tv]), tv)
    const { deviceCode } = await answered(app, 'allow', asked)
    const more = details({ ...PAY, creditorName: 'Merchant B' })
    expect(told(await pollDevice(app, deviceCode, { authorization_details: more }))).toBe('400 invalid_authorization_details')
    expect(told(await pollDevice(app, deviceCode))).toBe('200')
  })

  test('A39 a type that the client lost meanwhile is asked for no more', async () => {
    const as = await startDetailsServer([tv])
    const { userCode } = await askDevice(deviceOf(as, tv), asked)
    const later = await startServer([television()], { store: as.store, clock: as.clock })
    expect((await typeCode(new Person(later), userCode)).status).toBe(400)
  })
})

describe('authorization_details of a backchannel request', () => {
  test('CIBA-01 RFC 9396 §3: shown in words, allowed, and in the tokens', async () => {
    const app = new Application(await startDetailsServer([counter]), counter)
    expect(told((await askPerson(app, { ...asked, authorization_details: details(SEE) })).answer)).toBe('400 invalid_authorization_details')
    await askPerson(app, { ...asked, binding_message: 'Till 8' })
    expect((await openApprovals(app.person)).text.replace(/<[^>]*>/g, '')).toContain('Pay 123.50 EUR to Merchant A')
    const { authReqId } = await answeredBy(app, 'allow', asked)
    expect((await pollAnswer(app, authReqId)).body['authorization_details']).toEqual([PAY])
  })

  test('A39 a type that the client lost meanwhile is asked for no more', async () => {
    const as = await startDetailsServer([counter])
    await askPerson(new Application(as, counter), asked)
    const later = await startServer([bank()], { store: as.store, clock: as.clock })
    expect((await openApprovals(new Person(later))).text).toContain('No requests')
  })
})
