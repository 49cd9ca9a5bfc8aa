import { expect, test } from 'vitest'
import { OutboundRefusal } from '../config/outbound.ts'
import { DerivedKeys } from '../keys/derived.ts'
import { Places } from '../test/places.ts'
import { openNotice, ping, sealedNotificationToken } from './backchannel-notice.ts'

const URL_OF_CLIENT = 'https://bank.example/notified'
const NOTICE = { authReqId: 'the-request', notificationToken: 'the-token' }
const reply = (status: number): { status: number; headers: object; body: Uint8Array } => ({ status, headers: {}, body: new Uint8Array() })

async function pinged(
  answers: readonly (number | 'nobody')[],
): Promise<{ readonly tries: number; readonly pauses: number[]; readonly logged: string[] }> {
  const left = [...answers]
  const outbound = new Places().put(URL_OF_CLIENT, () => {
    const next = left.shift() ?? 'nobody'
    return next === 'nobody' ? new OutboundRefusal('connect', 'nobody is there') : reply(next)
  })
  const pauses: number[] = []
  const logged: string[] = []
  const line = (event: string, fields?: unknown): void => void logged.push(`${event} ${JSON.stringify(fields)}`)
  const pause = (milliseconds: number): Promise<void> => (pauses.push(milliseconds), Promise.resolve())
  await ping({ outbound, log: { info: line, warn: line, error: line }, pause }, URL_OF_CLIENT, NOTICE, 'bank')
  return { tries: outbound.asked.length, pauses, logged }
}

test.each([
  ['taken at once', [204], 1, 0],
  ['200 is taken too', [200], 1, 0],
  ['taken at the second try', [503, 204], 2, 0],
  ['taken at the last', ['nobody', 429, 500, 204], 4, 0],
  ['never taken: four tries, and no more', [], 4, 1],
  ['refused by the client: not again', [401, 204], 1, 1],
] as const)('CIBA-07 CIBA Core §10.2 %s', async (_name, answers, tries, lines) => {
  const seen = await pinged(answers)
  expect([seen.tries, seen.logged.length]).toEqual([tries, lines])
  expect(seen.pauses).toEqual([1_000, 5_000, 25_000].slice(0, tries - 1))
  expect(seen.logged.join()).not.toMatch(/the-token|the-request/)
})

test('what is sealed opens under every secret that is left, and under no other', () => {
  const master = (id: string, fill: number): { id: string; value: Uint8Array } => ({ id, value: new Uint8Array(32).fill(fill) })
  const sealed = sealedNotificationToken(new DerivedKeys([master('s1', 1)]), NOTICE)
  expect(openNotice(new DerivedKeys([master('s2', 2), master('s1', 1)]), sealed)).toEqual(NOTICE)
  expect(openNotice(new DerivedKeys([master('s2', 2)]), sealed)).toBeUndefined()
})
