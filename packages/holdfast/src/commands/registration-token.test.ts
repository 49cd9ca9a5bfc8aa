import { expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.ts'

const configuration = { issuer: 'http://localhost:4000', registration: { initialAccessTokens: true } }

test('REG-02 a token is printed once, and another one each time', async () => {
  const line = new CommandLine(configuration)
  const made = [await line.run('registration-token'), await line.run('registration-token', '--uses', '5', '--hours', '1')]
  for (const { code, out, err } of made) {
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^[a-z0-9]{26}[A-Za-z0-9_-]{43}\n$/)
  }
  expect(made[0]?.out).not.toBe(made[1]?.out)
  expect(JSON.parse((await line.run('registration-token', '--json')).out)).toEqual({ initial_access_token: expect.any(String) as string })
})

test.each([
  ['--uses', '0'],
  ['--uses', '10001'],
  ['--hours', '1.5'],
])('%s %s is refused', async (flag, value) => {
  const { code, out, err } = await new CommandLine(configuration).run('registration-token', flag, value)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('a whole number from 1 to')
})

test('where the server takes no such token it is said', async () => {
  const { code, err } = await new CommandLine({ issuer: 'http://localhost:4000' }).run('registration-token')
  expect([code, err]).toEqual([0, 'registration.initialAccessTokens is off: the server does not take it yet\n'])
})
