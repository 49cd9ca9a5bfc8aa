import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Form } from './form.ts'
import type { HttpRequest } from './http.ts'
import { limitOf, MAX_FORM_BYTES, MAX_PARAMETERS } from './limits.ts'
import { OAuthError } from './oauth-error.ts'

function parsed(text: string): Form {
  const form = Form.parse(text)
  if (form instanceof OAuthError) throw new Error(form.description)
  return form
}

/** A POST with these bytes; counts how often its body is read. */
function post(body: string | Uint8Array, ...types: readonly string[]): HttpRequest & { readonly reads: () => number } {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  let reads = 0
  return {
    method: 'POST',
    path: '/token',
    query: '',
    clientAddress: '',
    headers: (name) => (name === 'content-type' ? types : []),
    async body(limit) {
      reads++
      return bytes.length > limit ? 'too_large' : bytes
    },
    reads: () => reads,
  }
}

const FORM = 'application/x-www-form-urlencoded'

describe('parse', () => {
  test.each([
    ['state=', 'state'],
    ['state', 'state'],
    ['&&', 'state'],
    ['', 'state'],
    ['state=&state=', 'state'],
  ])('OA-03 OAuth 2.1 §3.1: an empty value is no value: %s', (text, name) => {
    const form = parsed(text)
    expect(form.one(name)).toBeUndefined()
    expect(form.has(name)).toBe(false)
    expect(form.fault).toBeUndefined()
    expect(form.need(name)).toMatchObject({ code: 'invalid_request', description: `${name} is missing` })
  })

  test.each(['scope=a&scope=b', 'scope=a&scope=a', 'scope=a&%73cope=b', 'scope=a&x=1&scope=b'])(
    'OA-04 OA-41 OAuth 2.1 §3.1: a repeated parameter is refused: %s',
    (text) => {
      const form = parsed(text)
      const refusal = { code: 'invalid_request', description: 'scope is sent more than once', rule: 'OA-41' }
      expect(form.fault).toMatchObject(refusal)
      expect(form.one('scope')).toMatchObject(refusal)
      expect(form.need('scope')).toMatchObject(refusal)
      expect(form.one('x')).not.toBeInstanceOf(OAuthError)
    },
  )

  test('OA-04 a repeat of which one is empty is no repeat', () => {
    expect(parsed('state=&state=x').one('state')).toBe('x')
  })

  test.each(['resource', 'audience'])('OA-04 RES-01 RFC 8707 §2: %s may come several times', (name) => {
    const form = parsed(`${name}=a&${name}=b`)
    expect(form.fault).toBeUndefined()
    expect(form.all(name)).toEqual(['a', 'b'])
    expect(form.one(name)).toBeInstanceOf(OAuthError)
  })

  test('OA-41 unknown parameters are kept for who asks, and disturb nobody', () => {
    const form = parsed('grant_type=x&unknown=1')
    expect(form.fault).toBeUndefined()
    expect(form.names()).toEqual(['grant_type', 'unknown'])
  })

  test.each([
    ['a=1+2', '1 2'],
    ['a=1%202', '1 2'],
    ['a=%2B', '+'],
    ['a=%C3%A9', 'é'],
    ['a=%f0%9f%a5%aa', '🥪'],
    ['a=1=2', '1=2'],
    ['a=%26%3D', '&='],
    ['%61=1', '1'],
  ])('OA-07 OAuth 2.1 App. B: %s is %s', (text, value) => {
    expect(parsed(text).one('a')).toBe(value)
  })

  test('OA-07 names and values are case-sensitive', () => {
    const form = parsed('Scope=A&scope=a')
    expect([form.one('Scope'), form.one('scope'), form.fault]).toEqual(['A', 'a', undefined])
  })

  test.each(['a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%c3', 'a=%c0%af', 'a=%ed%a0%80', '%ff=1', 'a=1&b=%c3%28'])(
    'OA-07 %s is not percent-encoded UTF-8',
    (text) => {
      expect(Form.parse(text)).toMatchObject({ code: 'invalid_request', rule: 'OA-07' })
    },
  )

  test('names of the prototype are names', () => {
    const form = parsed('__proto__=1&constructor=2&toString=3')
    expect([form.one('__proto__'), form.one('constructor'), form.one('hasOwnProperty')]).toEqual(['1', '2', undefined])
  })

  test('a value at its limit is read, one over it is refused', () => {
    for (const name of ['code', 'state', 'anything', 'constructor']) {
      expect(parsed(`${name}=${'x'.repeat(limitOf(name))}`).one(name)).toHaveLength(limitOf(name))
      const long = parsed(`${name}=${'x'.repeat(limitOf(name) + 1)}`)
      expect(long.fault).toMatchObject({ code: 'invalid_request', description: `${name} is longer than ${limitOf(name)} characters` })
      expect(long.one(name)).toBeInstanceOf(OAuthError)
    }
  })

  test('more parameters than the limit are refused, empty ones included', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, i) => `p${i}=`).join('&')
    expect(Form.parse(many(MAX_PARAMETERS))).toBeInstanceOf(Form)
    expect(Form.parse(many(MAX_PARAMETERS + 1))).toMatchObject({ code: 'invalid_request' })
  })

  test('OA-33 a name from outside is echoed only where it reads as a name', () => {
    for (const name of ['%3Cscript%3E', '%0D%0Aset-cookie', 'x'.repeat(65), '%22'])
      expect(parsed(`${name}=1&${name}=2`).fault?.description).toBe('a parameter is sent more than once')
  })

  const pairs = fc.array(
    fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 20 })),
    { maxLength: 20 },
  )

  test('OA-07 what URLSearchParams writes is read back, without the empty values', () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const sent = new URLSearchParams(list)
        const form = parsed(sent.toString())
        const names = new Set([...sent].flatMap(([name, value]) => (value === '' ? [] : [name])))
        expect([...form.names()]).toEqual([...names])
        for (const name of names) expect(form.all(name)).toEqual(sent.getAll(name).filter((value) => value !== ''))
      }),
    )
  })

  test('OA-41 whatever the text, it is read as URLSearchParams reads it, or refused', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '=', '&', '+', '%', '4', '1', 'C', '3', '%41', '%C3%A9', '%2'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(text, (source) => {
        const form = Form.parse(source)
        if (form instanceof OAuthError) return
        const reference = new URLSearchParams(`&${source}`)
        for (const name of form.names()) {
          const all = reference.getAll(name).filter((value) => value !== '')
          expect(form.all(name)).toEqual(all)
          expect(form.one(name)).toEqual(all.length === 1 ? all[0] : expect.any(OAuthError))
        }
        for (const [name, value] of reference) expect(form.has(name)).toBe(value !== '' || reference.getAll(name).some((one) => one !== ''))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('read', () => {
  test.each([FORM, 'Application/X-WWW-Form-Urlencoded', `${FORM}; charset=UTF-8`, `${FORM};charset=utf-8`, ` ${FORM} ; x=y`])(
    'OA-39 OAuth 2.1 §3.2: a body of type %s is read',
    async (type) => {
      const form = await Form.read(post('a=1', type))
      expect(form).toBeInstanceOf(Form)
      expect((form as Form).one('a')).toBe('1')
    },
  )

  test.each([
    ['application/json'],
    ['text/plain'],
    ['multipart/form-data; boundary=x'],
    [`${FORM}x`],
    [''],
    [],
    [FORM, FORM],
    [`x; ${FORM}`],
  ])('OA-39 another type is refused and not read: %j', async (...types) => {
    const request = post('a=1', ...types)
    expect(await Form.read(request)).toMatchObject({ code: 'invalid_request', rule: 'OA-39' })
    expect(request.reads()).toBe(0)
  })

  test('a body over the limit is refused', async () => {
    expect(await Form.read(post('a'.repeat(MAX_FORM_BYTES + 1), FORM))).toMatchObject({ code: 'invalid_request' })
  })

  test.each([[[0x61, 0x3d, 0xff]], [[0x61, 0x3d, 0xc0, 0xaf]], [[0x61, 0x3d, 0xed, 0xa0, 0x80]], [[0x61, 0x3d, 0xc3]]])(
    'OA-07 bytes %j are not UTF-8',
    async (bytes) => {
      expect(await Form.read(post(new Uint8Array(bytes), FORM))).toMatchObject({ code: 'invalid_request', rule: 'OA-07' })
    },
  )

  test('with: one parameter more, or in place of the one it has; the form itself stays', () => {
    const form = parsed('a=1')
    expect([form.with('b', '2').one('b'), form.with('a', '3').one('a'), form.one('a'), form.has('b')]).toEqual(['2', '3', '1', false])
    const faulty = parsed('a=1&a=2')
    expect(faulty.with('b', '2').fault).toBe(faulty.fault)
  })

  test('OA-07 a byte order mark is not skipped', async () => {
    const form = (await Form.read(post('\ufeffa=1', FORM))) as Form
    expect(form.names()).toEqual(['\ufeffa'])
  })
})
