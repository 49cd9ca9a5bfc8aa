import { expect, test } from 'vitest'
import { Application, tally, times, told } from '../test/application.ts'
import { asking, PATH, phoneApp } from '../test/challenged.ts'
import { television } from '../test/device.ts'
import { client, startServer } from '../test/server.ts'

const DEVICE = client({ clientId: 'box', redirectUris: [], grantTypes: television().grantTypes })

async function flooded(app: Application, path: string, parameters: Readonly<Record<string, string | undefined>>): Promise<void> {
  const answers = await Promise.all(times(1200, () => app.post(path, parameters)))
  const first = told(answers[0] ?? (await app.post(path, parameters)))
  expect(tally(answers)).toEqual({ [first]: 1000, '429 temporarily_unavailable': 200 })
  const late = answers.at(-1)
  expect(Number(late?.headers.get('retry-after'))).toBeGreaterThan(1)
}

test('RFC 8628 §5.1 a stranger who lets a public client ask for devices without end fills no store; who proves itself goes on', async () => {
  const as = await startServer([television(), DEVICE])
  await flooded(new Application(as, television()), '/device_authorization', { scope: 'openid' })
  expect(told(await new Application(as, DEVICE).post('/device_authorization', { scope: 'openid' }))).toBe('200')
  as.clock.advance(900)
  expect(told(await new Application(as, television()).post('/device_authorization', { scope: 'openid' }))).toBe('200')
})

test('FIPA-25 nor one who begins first-party sign-ins; a sign-in that has begun goes on', async () => {
  const as = await startServer([phoneApp()])
  const app = new Application(as, phoneApp())
  const { body } = await app.post(PATH, asking({ login_hint: 'ada' }))
  const answers = await Promise.all(times(1200, () => app.post(PATH, asking({ prompt: 'consent' }))))
  expect(tally(answers)).toEqual({ '400 redirect_to_web': 999, '429 temporarily_unavailable': 201 })
  expect(told(await app.post(PATH, { auth_session: String(body['auth_session']), password: 'wrong' }))).toBe(
    '400 insufficient_authorization',
  )
})
