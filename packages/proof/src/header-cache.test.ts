import { describe, expect, test } from 'vitest'
import { inputWith, pairFor, proofWith, verdict } from '../test/proofs.ts'
import { offCurve } from '../test/vectors.ts'
import { createDpopValidator } from './dpop.ts'
import { HeaderCache } from './header-cache.ts'
import * as node from './node.ts'

describe('the cache of headers', () => {
  test('it holds what was used lately and no more than it may', () => {
    const cache = new HeaderCache<number>({ maxEntries: 10 })
    cache.set('kept', 0)
    for (let i = 0; i < 100; i++) {
      cache.set(`k${i}`, i)
      expect(cache.get('kept')).toBe(0)
      expect(cache.size).toBeLessThanOrEqual(11)
    }
    expect(cache.get('k0')).toBeUndefined()
    expect(cache.get('k99')).toBe(99)
  })

  test('its text is bounded too, and a very long header is not remembered', () => {
    const cache = new HeaderCache<number>({ maxCharacters: 10_000 })
    for (let i = 0; i < 100; i++) cache.set(`${i}`.padStart(1000, '-'), i)
    expect(cache.size).toBeLessThanOrEqual(10)
    cache.set('x'.repeat(2049), 1)
    expect(cache.get('x'.repeat(2049))).toBeUndefined()
  })

  test('performance §4: a client’s key is imported once, and what fails leaves nothing behind', () => {
    let imports = 0
    const validate = createDpopValidator({ ...node, importPublicKey: (jwk) => (imports++, node.importPublicKey(jwk)) })
    const check = (proof: string): string => verdict(validate(inputWith(proof)) as ReturnType<typeof node.checkDpopProof>)
    for (let i = 0; i < 5; i++) expect(check(proofWith())).toBe('ok')
    expect(imports).toBe(1)
    for (let i = 0; i < 5; i++) expect(check(proofWith({ header: { jwk: offCurve } }))).toBe('key')
    expect(imports).toBe(6)
    const [header, , signature] = proofWith({ header: { kid: 'fresh' } }).split('.')
    const [, payload] = proofWith().split('.')
    for (let i = 0; i < 5; i++) expect(check(`${header}.${payload}.${signature}`)).toBe('signature')
    expect(imports).toBe(11)
  })

  test('DPOP-04: a remembered header does not carry its algorithm past another list', () => {
    const proof = proofWith({ pair: pairFor('EdDSA') })
    expect(verdict(node.checkDpopProof(inputWith(proof)))).toBe('ok')
    expect(verdict(node.checkDpopProof(inputWith(proof, { algorithms: ['ES256'] })))).toBe('alg')
  })
})
