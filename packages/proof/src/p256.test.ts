import { generateKeyPair } from '@holdfast/proof/node'
import { expect, test } from 'vitest'
import { isOnP256 } from './p256.ts'

type Point = Parameters<typeof isOnP256>[0]
const encoded = (hex: string): string => Buffer.from(hex.padStart(64, '0'), 'hex').toString('base64url')
const P = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'

test('DPOP-06 keys lie on P-256, and nothing beside them does', () => {
  for (let i = 0; i < 50; i++) {
    const point = generateKeyPair('ES256').publicJwk as Point
    const lower = Buffer.from(point.y, 'base64url')
    lower[31] = (lower[31] as number) ^ 1
    expect([isOnP256(point), isOnP256({ x: point.y, y: point.x }), isOnP256({ ...point, y: lower.toString('base64url') })]).toEqual([
      true,
      false,
      false,
    ])
  }
})

test('DPOP-06 the base point, and what only looks like it', () => {
  const x = '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
  const y = '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'
  expect(isOnP256({ x: encoded(x), y: encoded(y) })).toBe(true)
  expect(isOnP256({ x: encoded('0'), y: encoded('0') })).toBe(false)
  // A coordinate of p or more is another spelling of a smaller one.
  expect(isOnP256({ x: encoded('5'), y: encoded('459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc') })).toBe(true)
  const beyond = (BigInt(`0x${P}`) + 5n).toString(16)
  expect(isOnP256({ x: encoded(beyond), y: encoded('459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc') })).toBe(false)
})
