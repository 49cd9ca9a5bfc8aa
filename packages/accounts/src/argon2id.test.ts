import { argon2Sync, randomBytes } from 'node:crypto'
import { parseOptions } from '@node-rs/argon2'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argon2id } from './argon2id.ts'

/** The second opinion: Node's own argon2 (OpenSSL's), with OWASP's parameters. */
function opensslTag(password: string, nonce: Uint8Array): Buffer {
  return argon2Sync('argon2id', { message: Buffer.from(password), nonce, parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 })
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
const passwords = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

describe('argon2id, against node:crypto', () => {
  test('what it hashes, OpenSSL finds the same', async () => {
    await fc.assert(
      fc.asyncProperty(passwords, async (password) => {
        const [, name, version, parameters, salt = '', tag] = (await argon2id.hash(password)).split('$')
        expect([name, version, parameters]).toEqual(['argon2id', 'v=19', 'm=19456,t=2,p=1'])
        expect(base64(opensslTag(password, Buffer.from(salt, 'base64')))).toBe(tag)
      }),
      { numRuns: 10 },
    )
  })

  test('what OpenSSL hashes, it verifies, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(passwords, async (password) => {
        const salt = randomBytes(16)
        const hash = `$argon2id$v=19$m=19456,t=2,p=1$${base64(salt)}$${base64(opensslTag(password, salt))}`
        expect(await argon2id.verify(password, hash)).toBe(true)
        expect(await argon2id.verify(`${password}x`, hash)).toBe(false)
        expect(argon2id.outdated(hash)).toBe(false)
      }),
      { numRuns: 10 },
    )
  })
})

test('every hash has a salt of its own', async () => {
  expect(await argon2id.hash('the same')).not.toBe(await argon2id.hash('the same'))
})

test('A58: nobody’s hash costs what everybody’s does, and no empty password opens it', async () => {
  const cost = parseOptions(argon2id.nobody)
  expect(cost).toMatchObject(parseOptions(await argon2id.hash('any password')))
  expect(cost).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32, saltLen: 16 })
  expect(await argon2id.verify('', argon2id.nobody)).toBe(false)
})

test('other parameters, another version or another variant are outdated', () => {
  for (const hash of [
    '$argon2id$v=19$m=4096,t=2,p=1$',
    '$argon2id$v=16$m=19456,t=2,p=1$',
    '$argon2i$v=19$m=19456,t=2,p=1$',
    '$argon2id$v=19$m=19456,t=2,p=10$',
  ])
    expect(argon2id.outdated(`${hash}c29tZXNhbHQ$AAAA`)).toBe(true)
})
