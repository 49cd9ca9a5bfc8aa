import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '@holdfast/protocol/http'
import { basic } from '../test/application.ts'
import { client, SECRET, startServer } from '../test/server.ts'

describe('whoever has one address of a /64 has all of them', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['', ''],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8:1::1', '2001:db8:1:0'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1'],
    ['::1', '0:0:0:0'],
    ['2001:db8::', '2001:db8:0:0'],
  ])('%s', (address, expected) => expect(neighbourhood(address)).toBe(expected))
})

test('OA-49 CAUTH-05 guesses from all over one /64 are one guesser', async () => {
  const { server } = await startServer([client()])
  const body = Buffer.from('grant_type=refresh_token&refresh_token=x')
  const from = (clientAddress: string, secret: string): HttpRequest => ({
    method: 'POST',
    path: '/token',
    query: '',
    clientAddress,
    headers: (name) =>
      name === 'authorization' ? [basic('web', secret)] : name === 'content-type' ? ['application/x-www-form-urlencoded'] : [],
    body: () => Promise.resolve(body),
  })
  for (let tries = 1; tries <= 30; tries++) expect((await server.handler(from(`2001:db8::${tries}`, 'wrong'))).status).toBe(401)
  expect((await server.handler(from('2001:db8::ffff', SECRET))).status).toBe(401)
  expect((await server.handler(from('2001:db8:0:1::1', SECRET))).status).toBe(400)
})
