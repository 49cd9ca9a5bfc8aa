import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { selfSigned, type Subject, type Wanted } from '../../../../test/certificates.ts'
import { hasDnsName, hasEmailAddress, hasIpAddress, hasSubject, hasUri, subjectOf, urisOf } from './certificate-names.ts'

type Names = NonNullable<Wanted['names']>

async function certificate(wanted: Wanted): Promise<X509Certificate> {
  return new X509Certificate((await selfSigned(wanted)).der)
}

const named = (subject: Subject): Promise<X509Certificate> => certificate({ subject })
const utf8 = (value: string): { readonly utf8String: string } => ({ utf8String: value })
const WEB: Subject = [{ C: ['US'] }, { O: ['Example, Inc'] }, { OU: ['Payments'] }, { CN: ['web'] }]

describe('MTLS-08 RFC 8705 §2.1.2, RFC 4514: a subject is compared by meaning', () => {
  test.each([
    'CN=web,OU=Payments,O=Example\\, Inc,C=US',
    'CN=web, OU=Payments, O=Example\\2C Inc, C=US',
    'cn=WEB,ou=payments,o=EXAMPLE\\, inc,c=us',
    'CN = web , OU=Payments,O=Example\\,   Inc,C=US',
    '2.5.4.3=web,2.5.4.11=Payments,2.5.4.10=Example\\, Inc,2.5.4.6=US',
    'CN=#0c03776562,OU=Payments,O=Example\\, Inc,C=#13025553',
    'CN=\\77\\65\\62,OU=Payments,O=Example\\, Inc,C=US',
  ])('equal: %s', async (text) => {
    expect(hasSubject(await named(WEB), text)).toBe(true)
  })
  test.each([
    ['the order of the certificate', 'C=US,O=Example\\, Inc,OU=Payments,CN=web'],
    ['two names swapped', 'OU=Payments,CN=web,O=Example\\, Inc,C=US'],
    ['one name less', 'CN=web,OU=Payments,O=Example\\, Inc'],
    ['the last name alone', 'CN=web'],
    ['one name more', 'CN=web,OU=Payments,O=Example\\, Inc,C=US,C=US'],
    ['another value', 'CN=web2,OU=Payments,O=Example\\, Inc,C=US'],
    ['another type', 'UID=web,OU=Payments,O=Example\\, Inc,C=US'],
    ['two names as one of two attributes', 'CN=web+OU=Payments,O=Example\\, Inc,C=US'],
    ['BER that ends before its string', 'CN=#0c05776562,OU=Payments,O=Example\\, Inc,C=US'],
    ['BER that is no string', 'CN=#0403776562,OU=Payments,O=Example\\, Inc,C=US'],
    ['a wildcard', 'CN=*,OU=Payments,O=Example\\, Inc,C=US'],
    ['an unescaped comma', 'CN=web,OU=Payments,O=Example, Inc,C=US'],
    ['text of Node', 'C=US\nO=Example\\, Inc\nOU=Payments\nCN=web'],
    ['nothing', ''],
  ])('not equal: %s', async (_what, text) => {
    expect(hasSubject(await named(WEB), text)).toBe(false)
  })
  test('attributes of one relative name have no order; relative names have', async () => {
    const two = await named([{ O: ['Example'] }, { CN: ['web'], '0.9.2342.19200300.100.1.1': ['7'] }])
    expect(hasSubject(two, 'CN=web+UID=7,O=Example')).toBe(true)
    expect(hasSubject(two, 'UID=7 + CN=web,O=Example')).toBe(true)
    expect(hasSubject(two, 'CN=web,UID=7,O=Example')).toBe(false)
    expect(hasSubject(two, 'CN=web+UID=8,O=Example')).toBe(false)
    expect(hasSubject(two, 'CN=web;UID=7,O=Example')).toBe(false)
  })
  test('the kind of string does not count, and letters beyond ASCII are letters', async () => {
    expect(hasSubject(await named([{ CN: [{ bmpString: 'Bücher' }] }]), 'CN=B\\C3\\BCCHER')).toBe(true)
    expect(hasSubject(await named([{ CN: [utf8('Bu\u0308cher')] }]), 'CN=Bücher')).toBe(true)
  })
  test('a type without a short name is its OID, with text or BER', async () => {
    const custom = await named([{ '1.3.6.1.4.1.99999.1': ['custom'] }])
    expect(hasSubject(custom, '1.3.6.1.4.1.99999.1=custom')).toBe(true)
    expect(hasSubject(custom, '1.3.6.1.4.1.99999.1=#0c06637573746f6d')).toBe(true)
    expect(hasSubject(custom, '1.3.6.1.4.1.99999.2=custom')).toBe(false)
  })
})

describe('MTLS-11 RFC 8705 §7.5: names that were made to be misread equal nothing', () => {
  test.each([
    ['a line break that would begin a new name', [{ CN: [utf8('x\nCN=web')] }], 'CN=web,CN=x'],
    ['a plus that would begin a new attribute', [{ CN: [utf8('x + UID=web')] }], 'CN=x+UID=web'],
    ['a comma that would begin a new name', [{ CN: [utf8('web,O=Example')] }], 'CN=web,O=Example'],
    ['a NUL that would end the name', [{ CN: [utf8('web\0.evil')] }], 'CN=web'],
    ['a NUL that is written', [{ CN: [utf8('web\0')] }], 'CN=web\\00'],
    ['a type that no table has', [{ '2.5.4.45': ['web'] }], '2.5.4.45=web'],
    ['letters that look alike', [{ CN: [utf8('ｗｅｂ')] }], 'CN=web'],
    ['an empty subject', [], ''],
  ] satisfies [string, Subject, string][])('%s', async (_what, subject, text) => {
    expect(hasSubject(await named(subject), text)).toBe(false)
  })
  test('a subject with a part that is not understood has no reading at all, not one without that part', async () => {
    expect(subjectOf(await named([{ CN: ['web'] }, { '2.5.4.45': ['web'] }]))).toBeUndefined()
    expect(subjectOf(await named([]))).toBeUndefined()
    expect(subjectOf(await named([{ CN: ['web'] }]))).toHaveLength(1)
  })
  test('values of special characters are themselves and nothing else', async () => {
    for (const value of ['#lead', ' lead', 'trail ', 'a+b', 'a"b', 'a\\b', 'a<b>;c', 'a=b', 'a + CN=b', '\\0A']) {
      const escaped = value
        .replaceAll(/[\\"+,;<>#=]/g, '\\$&')
        .replace(/^ /, '\\ ')
        .replace(/ $/, '\\ ')
      expect([value, hasSubject(await named([{ CN: [utf8(value)] }]), `CN=${escaped}`)]).toEqual([value, true])
      expect(hasSubject(await named([{ CN: [utf8(`${value}x`)] }]), `CN=${escaped}`)).toBe(false)
    }
  })
})

const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.trim() !== '')
const name = fc.dictionary(fc.constantFrom('CN', 'O', 'OU', '2.5.4.5', '1.3.6.1.4.1.99999.1'), value, { minKeys: 1, maxKeys: 2 })
const subject = fc.array(name, { minLength: 1, maxLength: 3 })
type Drawn = readonly Readonly<Record<string, string>>[]

const made = (drawn: Drawn): Promise<X509Certificate> =>
  named(drawn.map((one) => Object.fromEntries(Object.entries(one).map(([type, text]) => [type, [utf8(text)]]))))
/** Every octet escaped: what RFC 4514 allows and no reading can mistake. */
const written = (drawn: Drawn): string =>
  drawn
    .toReversed()
    .map((one) => Object.entries(one).map(([type, text]) => `${type}=${Buffer.from(text).toString('hex').replaceAll(/../g, '\\$&')}`))
    .map((attributes) => attributes.join('+'))
    .join(',')
const meaning = (drawn: Drawn): string =>
  JSON.stringify(
    drawn.map((one) =>
      Object.entries(one)
        .map(([type, text]) => [type, fold(text)])
        .toSorted(),
    ),
  )
const fold = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC').replaceAll(/ +/g, ' ').trim()

test('MTLS-08 for any subject: its own text is equal, the text of another is not', async () => {
  await fc.assert(
    fc.asyncProperty(subject, subject, async (one, other) => {
      const certificate = await made(one)
      expect(subjectOf(certificate)).toBeDefined()
      expect(hasSubject(certificate, written(one))).toBe(true)
      expect(hasSubject(certificate, written(other))).toBe(meaning(one) === meaning(other))
    }),
    { numRuns: 150 },
  )
})

describe('alternative names', () => {
  const alternative = (...names: Names): Promise<X509Certificate> => certificate({ subject: [{ CN: ['cn.example'] }], names })

  test('MTLS-06 RFC 8705 §2.1.2: dNSName is compared whole; no wildcard, no subdomain, no CN', async () => {
    const held = await alternative({ type: 'dns', value: 'Web.example' }, { type: 'dns', value: '*.wild.example' })
    expect(hasDnsName(held, 'web.example')).toBe(true)
    for (const other of ['a.wild.example', 'cn.example', 'example', 'a.web.example', '.example', '.wild.example', 'web.example.evil', ''])
      expect([other, hasDnsName(held, other)]).toEqual([other, false])
    expect(hasDnsName(await alternative({ type: 'dns', value: 'web.example\0.evil.example' }), 'web.example')).toBe(false)
    expect(hasDnsName(await alternative({ type: 'dns', value: 'x, DNS:web.example' }), 'web.example')).toBe(false)
    expect(hasDnsName(await certificate({ subject: [{ CN: ['cn.example'] }] }), 'cn.example')).toBe(false)
  })
  test('MTLS-09 RFC 8705 §2.1.2: iPAddress is compared in binary form', async () => {
    const held = await alternative(
      { type: 'ip', value: '2001:db8::1' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'dns', value: '10.0.0.2' },
    )
    for (const same of ['2001:db8::1', '2001:DB8:0:0::1', '2001:0db8:0000:0000:0000:0000:0000:0001', '10.0.0.1'])
      expect([same, hasIpAddress(held, same)]).toEqual([same, true])
    for (const other of ['10.0.0.2', '10.0.0.10', '2001:db8::2', '::ffff:10.0.0.1', '10.0.0', 'x', ''])
      expect([other, hasIpAddress(held, other)]).toEqual([other, false])
  })
  test('MTLS-06 RFC 8705 §2.1.2: rfc822Name: the mailbox as it is, the domain whatever its case', async () => {
    const held = await alternative({ type: 'email', value: 'Ops@example.com' })
    expect(hasEmailAddress(held, 'Ops@EXAMPLE.com')).toBe(true)
    for (const other of ['ops@example.com', '@example.com', 'example.com', '.example.com', 'Ops@example.com.evil', ''])
      expect([other, hasEmailAddress(held, other)]).toEqual([other, false])
  })
  test('MTLS-06 RFC 8705 §2.1.2, CVE-2021-44532: uniformResourceIdentifier, also where others try to write one', async () => {
    const uri = 'spiffe://example/a,b?"c"'
    const held = await alternative({ type: 'dns', value: 'x' }, { type: 'url', value: uri }, { type: 'url', value: 'urn:x' })
    expect([hasUri(held, uri), hasUri(held, 'urn:x')]).toEqual([true, true])
    expect([hasUri(held, 'spiffe://example/a'), hasUri(held, 'URN:x'), hasUri(held, 'x')]).toEqual([false, false, false])
    for (const value of ['x, URI:urn:evil', 'x", URI:urn:evil', 'x\\", URI:urn:evil, DNS:"'])
      for (const type of ['dns', 'email', 'url'] as const) expect(hasUri(await alternative({ type, value }), 'urn:evil')).toBe(false)
    expect(hasUri(await certificate({}), 'urn:x')).toBe(false)
  })
  test('text that is not understood has no names', () => {
    expect(urisOf('URI:urn:a, URI:urn:b')).toEqual(['urn:a', 'urn:b'])
    for (const text of ['URI:urn:a, URI:"x', 'URI:urn:a,URI:urn:b', 'URI:urn:a, nothing', 'URI:"x"y, URI:urn:a'])
      expect([text, urisOf(text)]).toEqual([text, []])
  })
})
