import { describe, expect, test } from 'vitest'
import { OTHER_KEY, told } from '../test/application.ts'
import { asking, phone } from '../test/challenged.ts'

describe('the device', () => {
  test('FIPA-22 FIPA-23 a key that comes after the sign-in does not make a stolen auth_session a signed-in device', async () => {
    const own = await phone({}, { unbound: true })
    await own.code()
    const thief = own.elsewhere(OTHER_KEY)
    const first = await thief.send(asking())
    expect([told(first), first.body['next']]).toEqual(['400 insufficient_authorization', ['password']])
    expect(told(await thief.send(asking()))).toBe('400 insufficient_authorization')
  })
})
