import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTls } from './sections.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
writeFileSync(join(directory, 'key.pem'), key)
writeFileSync(join(directory, 'empty.pem'), 'nothing\n')

function read(certificate: string, privateKey: string): { readonly tls: ReturnType<typeof readTls>; readonly faults: readonly string[] } {
  const faults: string[] = []
  const tls = readTls({ certificate, key: privateKey }, directory, (path, message) => void faults.push(`${path} ${message}`))
  return { tls, faults }
}

test('PEM, a path and file: name the same text', () => {
  for (const name of [key, 'key.pem', 'file:key.pem', join(directory, 'key.pem')])
    expect(read('-----BEGIN CERTIFICATE-----', name).tls?.key).toBe(key)
})

test('what does not go together stops here and not at the first connection', () => {
  expect(read(key, 'key.pem').faults).toEqual([expect.stringMatching(/^tls has a certificate and a key that do not go together: /)])
})

test('each of the two is told', () => {
  expect(read('nowhere.pem', 'empty.pem').faults).toEqual([
    'tls.certificate names nowhere.pem, which cannot be read: ENOENT',
    'tls.key names empty.pem, which holds no PEM',
  ])
})

test('a key whose first line was lost is not repeated', () => {
  const lost = key.replace('-----BEGIN PRIVATE KEY-----\n', '')
  const { faults } = read('-----BEGIN CERTIFICATE-----', lost)
  expect(faults).toEqual(['tls.key is neither PEM nor the path of a file that can be read'])
})
