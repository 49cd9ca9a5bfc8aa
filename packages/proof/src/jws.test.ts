import fc from 'fast-check'
import * as jose from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { rfc7515ES256, rfc7515RS256, rfc8037 } from '../test/vectors.ts'
import { JWS_ALGORITHMS, type JwsAlgorithm, sameAlgorithm } from './algorithms.ts'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import type { PublicJwk } from './jwk.ts'
import { type ParsedJws, parseJws } from './jws.ts'

const MAX = { maxLength: 8192 }
const json = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const parse = (text: string): ParsedJws => parseJws(text, MAX) as ParsedJws

describe('parseJws', () => {
  test('RFC 7515 §7.1: the parts are handed out as they came', () => {
    const { header, payload, headerSegment, signingInput, signature } = parse(rfc7515ES256.jws)
    expect(header).toEqual({ alg: 'ES256' })
    expect(payload).toMatchObject({ iss: 'joe' })
    expect(headerSegment).toBe('eyJhbGciOiJFUzI1NiJ9')
    expect(`${signingInput}.${encodeBase64url(signature)}`).toBe(rfc7515ES256.jws)
  })

  test.each([
    ['nothing', ''],
    ['two parts', `${json({})}.${json({})}`],
    ['four parts', `${json({})}.${json({})}.AA.AA`],
    ['no header', `.${json({})}.AA`],
    ['no payload', `${json({})}..AA`],
    ['padding', `${json({})}=.${json({})}.AA`],
    ['white space', ` ${json({})}.${json({})}.AA`],
    ['a line end', `${json({})}.${json({})}.AA\n`],
    ['bits left over in the signature', `${json({})}.${json({})}.AB`],
    ['a header that is an array', `${json([])}.${json({})}.AA`],
    ['a header that is null', `${json(null)}.${json({})}.AA`],
    ['a payload that is a string', `${json({})}.${json('"x"')}.AA`],
    ['a payload that is not JSON', `${json({})}.${json('{')}.AA`],
    ['a byte order mark', `${json('\ufeff{}')}.${json({})}.AA`],
    ['bytes that are not UTF-8', `${encodeBase64url(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.${json({})}.AA`],
    ['deep nesting that never ends', `${json({})}.${json('['.repeat(3000))}.AA`],
    ['the JSON serialization', JSON.stringify({ payload: json({}), protected: json({}), signature: 'AA' })],
  ])('DPOP-02 RFC 7515 §7.1: %s is refused', (_, text) => {
    expect(parseJws(text, MAX)).toBeUndefined()
  })

  test('DPOP-17: a text over the limit is not read', () => {
    expect(parseJws(rfc7515ES256.jws, { maxLength: rfc7515ES256.jws.length })).toBeDefined()
    expect(parseJws(rfc7515ES256.jws, { maxLength: rfc7515ES256.jws.length - 1 })).toBeUndefined()
  })

  test('DPOP-12 RFC 7515 §4.1.11: a header with crit is refused, whatever it names', () => {
    for (const crit of [['exp'], ['b64'], [], null, 'x'])
      expect(parseJws(`${json({ alg: 'ES256', crit })}.${json({})}.AA`, MAX)).toBeUndefined()
  })

  test('RFC 7515 §4: of a repeated name the last counts, for every reader here', () => {
    expect(parse(`${json('{"alg":"none","alg":"ES256"}')}.${json({})}.AA`).header['alg']).toBe('ES256')
  })

  test('RFC 7515 §5.2: no text whatever makes it throw', () => {
    const part = fc.oneof(fc.string(), fc.json().map(json), fc.base64String())
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
        ),
        (text) => void parseJws(text, MAX),
      ),
    )
    fc.assert(fc.property(fc.anything(), (value) => void parseJws(value as string, MAX)))
  })
})

describe.each(engines)('signatures by $name', (engine) => {
  const keys = new Map<JwsAlgorithm, Awaited<ReturnType<typeof engine.signer>>>()
  beforeAll(async () => {
    for (const alg of JWS_ALGORITHMS) keys.set(alg, await engine.signer(alg))
  })
  const signer = (alg: JwsAlgorithm): Awaited<ReturnType<typeof engine.signer>> =>
    keys.get(alg) as Awaited<ReturnType<typeof engine.signer>>

  test.each([
    ['RFC 7515 A.2', rfc7515RS256],
    ['RFC 7515 A.3', rfc7515ES256],
  ])('%s: the example verifies, and not when a bit is turned', async (_, { alg, jwk, jws }) => {
    expect(await engine.verify(parse(jws), alg, jwk)).toBe(true)
    const parsed = parse(jws)
    for (const at of [0, 31, 32, parsed.signature.length - 1]) {
      const signature = Uint8Array.from(parsed.signature)
      signature[at] = (signature[at] as number) ^ 1
      expect(await engine.verify({ ...parsed, signature }, alg, jwk)).toBe(false)
    }
    expect(await engine.verify({ ...parsed, signingInput: `${parsed.signingInput}A` }, alg, jwk)).toBe(false)
  })

  test('RFC 8037 A.4: the example verifies', async () => {
    const [header = '', payload = '', signature = ''] = rfc8037.jws.split('.')
    const parsed: ParsedJws = {
      header: { alg: 'EdDSA' },
      payload: {},
      headerSegment: header,
      signingInput: `${header}.${payload}`,
      signature: decodeBase64url(signature) as Uint8Array<ArrayBuffer>,
    }
    expect(await engine.verify(parsed, 'EdDSA', rfc8037.jwk)).toBe(true)
  })

  test.each(JWS_ALGORITHMS)('RFC 7515 §5: jose verifies what is signed here with %s', async (alg) => {
    const key = await jose.importJWK({ ...signer(alg).publicJwk }, alg)
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string(),
          fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
          { noNullPrototype: true },
        ),
        async (payload) => {
          const { payload: read } = await jose.compactVerify(await signer(alg).sign({ typ: 'JWT' }, payload), key)
          expect(JSON.parse(new TextDecoder().decode(read))).toEqual(JSON.parse(JSON.stringify(payload)))
        },
      ),
      { numRuns: 25 },
    )
  })

  test.each(JWS_ALGORITHMS)('RFC 7515 §5: what jose signs with %s verifies here', async (alg) => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true })
    const jwk = (await jose.exportJWK(publicKey)) as PublicJwk
    await fc.assert(
      fc.asyncProperty(fc.string(), async (sub) => {
        const jws = parse(await new jose.SignJWT({ sub }).setProtectedHeader({ alg }).sign(privateKey))
        expect(jws.payload).toEqual({ sub })
        expect(await engine.verify(jws, alg, jwk)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  test.each(JWS_ALGORITHMS)('RFC 8725 §3.1: a signature made with %s verifies under that name only', async (alg) => {
    const jws = parse(await signer(alg).sign({}, { a: 1 }))
    for (const other of JWS_ALGORITHMS) {
      expect(await engine.verify(jws, other, signer(alg).publicJwk)).toBe(other === alg)
      // Even when the header is changed to say what is expected, another algorithm is another key and another padding.
      if (!sameAlgorithm(alg, other))
        expect(await engine.verify({ ...jws, header: { alg: other } }, other, signer(alg).publicJwk)).toBe(false)
    }
    for (const none of ['none', 'HS256', 'constructor', '__proto__', undefined]) {
      expect(await engine.verify({ ...jws, header: { alg: none } }, none as JwsAlgorithm, signer(alg).publicJwk)).toBe(false)
    }
  })

  test.each(JWS_ALGORITHMS)('RFC 7518 §3: no bytes in the place of a signature make %s throw', async (alg) => {
    const jws = parse(await signer(alg).sign({}, { a: 1 }))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc.uint8Array({ minLength: 64, maxLength: 64 }),
          fc.constant(new Uint8Array(64)),
          fc.constant(new Uint8Array(64).fill(255)),
        ),
        async (bytes) => {
          expect(await engine.verify({ ...jws, signature: Uint8Array.from(bytes) }, alg, signer(alg).publicJwk)).toBe(false)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('RFC 9068 §2.1: a signer writes typ, alg and kid once, and the payload each time', async () => {
    const { publicJwk, jwt } = signer('ES256')
    const jws = parse(await jwt({ typ: 'at+jwt', kid: 'k1' }, { sub: 'ü' }))
    expect(jws.header).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: 'k1' })
    expect(jws.payload).toEqual({ sub: 'ü' })
    expect(await engine.verify(jws, 'ES256', publicJwk)).toBe(true)
    expect(parse(await jwt({}, {})).header).toEqual({ alg: 'ES256' })
  })
})
