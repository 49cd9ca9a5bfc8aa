import { describe, expect, test } from 'vitest'
import { type Answer, type Application, KEY, tally, times, told } from '../test/application.ts'
import { eventsOf, introspect, machineToken, parties } from '../test/resource-server.ts'

const revoke = (by: Application, token: string): Promise<Answer> => by.post('/revoke', { token })

describe.each(['jwt', 'opaque'] as const)('RFC 7009 §2: a %s token without a grant', (format) => {
  test('REV-01 REV-05 REV-06 ends at once and alone: the other tokens of that client go on', async () => {
    const { robot, api } = await parties(format)
    const [first, second] = [await machineToken(robot), await machineToken(robot)]
    expect(told(await revoke(robot, first))).toBe('200')
    expect((await introspect(api, first)).body).toEqual({ active: false })
    expect((await introspect(api, second)).body['active']).toBe(true)
    expect(told(await revoke(robot, first))).toBe('200')
  })

  test('REV-04 another client cannot end it, nor can the API that it is for', async () => {
    const { robot, api, web, app } = await parties(format)
    const token = await machineToken(robot)
    for (const thief of [api, web, app]) expect(told(await revoke(thief, token))).toBe('200')
    expect((await introspect(api, token)).body['active']).toBe(true)
  })

  test('REV-03 an expired one changes nothing', async () => {
    const { robot, as } = await parties(format)
    const token = await machineToken(robot)
    as.clock.advance(300)
    const events = eventsOf(as)
    expect(told(await revoke(robot, token))).toBe('200')
    expect(events).toEqual([])
  })

  test('REV-06 50 revocations at once are all answered 200, and one is told in the audit trail', async () => {
    const { robot, api, as } = await parties(format)
    const token = await machineToken(robot)
    const events = eventsOf(as)
    const answers = await Promise.all(times(50, () => revoke(robot, token)))
    expect(tally(answers)).toEqual({ '200': 50 })
    expect(events.filter(({ type }) => type === 'token.revoked')).toEqual([
      { type: 'token.revoked', at: robot.as.clock.now(), clientId: 'robot', subject: 'robot', detail: { by: 'client' } },
    ])
    expect((await introspect(api, token)).body).toEqual({ active: false })
  })

  test('REV-06 50 refreshes and introspections race the revocation of their grant: what it left behind is dead', async () => {
    const { web, api } = await parties(format)
    const { access, refresh } = await web.tokens({ scope: 'openid accounts:read' })
    const answers = await Promise.all(
      times(50, (index) => (index === 20 ? revoke(web, refresh) : index % 2 === 0 ? introspect(api, access) : web.refresh(refresh))),
    )
    expect(answers.filter(({ status }) => status === 503)).toEqual([])
    for (const token of [
      access,
      ...answers.flatMap(({ body }) => (body['access_token'] === undefined ? [] : [String(body['access_token'])])),
    ])
      expect((await introspect(api, token)).body).toEqual({ active: false })
  })
})

test('REV-06 the mark on a JWT lasts as long as the JWT, and no longer', async () => {
  const { robot, as } = await parties('jwt')
  const token = await machineToken(robot)
  await revoke(robot, token)
  as.clock.advance(299)
  const jti = (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti
  expect((await as.store.read('revoked_token', jti))?.expiresAt).toBe(as.clock.now() + 1)
})

test('REV-02 DPOP-25 a bound token is revoked without a proof: whoever gives it up need not hold its key', async () => {
  const { robot, api } = await parties('jwt')
  const token = await machineToken(robot.holding(KEY))
  expect((await introspect(api, token)).body['token_type']).toBe('DPoP')
  await revoke(robot, token)
  expect((await introspect(api, token)).body).toEqual({ active: false })
})
