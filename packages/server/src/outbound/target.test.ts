import { describe, expect, test } from 'vitest'
import { OutboundRefusal, readAllowedTarget } from '../config/outbound.ts'
import { AllowList, readTarget } from './target.ts'

const NOTHING = new AllowList([])
const read = (url: string, allowed = NOTHING): string => {
  const target = readTarget(url, allowed)
  return target instanceof OutboundRefusal ? target.reason : 'taken'
}

describe('REG-13 CIMD-09 the URL', () => {
  test.each([
    ['https://keys.example/jwks', 'taken'],
    ['https://keys.example:8443/jwks?x=1', 'taken'],
    ['https://93.184.216.34/jwks', 'taken'],
    ['https://[2606:4700::1111]/jwks', 'taken'],
    ['http://keys.example/jwks', 'url'],
    ['http://127.0.0.1:4000/jwks', 'url'],
    ['ftp://keys.example/jwks', 'url'],
    ['file:///etc/passwd', 'url'],
    ['data:application/json,{}', 'url'],
    ['https:keys.example/jwks', 'url'],
    ['//keys.example/jwks', 'url'],
    ['https://user@keys.example/jwks', 'url'],
    ['https://user:pw@keys.example/jwks', 'url'],
    ['https://@keys.example/jwks', 'url'],
    ['https://keys.example/jwks#x', 'url'],
    ['https://keys.example/jwks#', 'url'],
    ['https://keys.example\\@127.0.0.1/jwks', 'url'],
    ['https://keys.example/a b', 'url'],
    ['https://keys.example/\r\nHost: x', 'url'],
    [' https://keys.example/', 'url'],
    [`https://keys.example/${'x'.repeat(2048)}`, 'url'],
    ['https://keys.example:99999/', 'url'],
  ])('%j: %s', (url, expected) => {
    expect(read(url)).toBe(expected)
  })
})

/** Every class of address that is no ordinary host (RFC 6890 and its later entries). */
const SPECIAL_IPV4 = words(`
  0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16 169.254.0.1
  169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255
  198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255`)
const PUBLIC_IPV4 = words(`
  1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
  172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255`)
const SPECIAL_IPV6 = words(`
  :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::8.8.8.8
  64:ff9b:1::10.0.0.1 100::1 2001::1 2001:0:a00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1
  2002:808:808::1 3ffe::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1
  ff0e::1 2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:a00:1`)
const PUBLIC_IPV6 = words('2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 2606:4700::5efe:8.8.8.8 3ffd::1')

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

describe('CIMD-09 RFC 6890: an address that is not of the internet', () => {
  const target = { named: false, secure: true }
  test.each([...SPECIAL_IPV4, ...SPECIAL_IPV6])('%s is refused, as an address and in a URL', (address) => {
    expect(NOTHING.permits(address, target)).toBe(false)
    expect(read(`https://${address.includes(':') ? `[${address}]` : address}/`)).toBe('address')
  })
  test.each([...PUBLIC_IPV4, ...PUBLIC_IPV6])('%s is taken', (address) => {
    expect(NOTHING.permits(address, target)).toBe(true)
    expect(read(`https://${address.includes(':') ? `[${address}]` : address}/`)).toBe('taken')
  })
  test.each(['fe80::1%eth0', '2606:4700::1111%1', '127.1', 'localhost', ''])('%j, which is no plain address, is refused', (text) => {
    expect(NOTHING.permits(text, target)).toBe(false)
  })
  test.each([
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.1',
    '127.0.1',
    '0',
    '127.0.0.1.',
    '0xa9fea9fe',
    '169.16689662',
    '0251.0376.0251.0376',
    '%31%32%37.0.0.1',
    '①②⑦.0.0.1',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::FFFF:a9fe:a9fe]',
  ])('A51 another spelling of a local address is refused: %s', (host) => {
    expect(['address', 'url']).toContain(read(`https://${host}/`))
  })
})

describe('the allow-list', () => {
  const permits = (entry: string, address: string, over: Partial<{ named: boolean; secure: boolean }> = {}): boolean =>
    new AllowList([entry]).permits(address, { named: false, secure: true, ...over })

  test('a network opens its addresses and no others', () => {
    expect(permits('10.20.0.0/16', '10.20.255.1')).toBe(true)
    expect(permits('10.20.0.0/16', '10.21.0.1')).toBe(false)
    expect(permits('fd12:3456::/32', 'fd12:3456::1')).toBe(true)
    expect(permits('fd12:3456::/32', 'fd12:3457::1')).toBe(false)
    expect(permits('10.1.2.3', '10.1.2.3')).toBe(true)
    expect(permits('10.1.2.3', '10.1.2.4')).toBe(false)
    expect(permits('[fd00::1]', 'fd00::1')).toBe(true)
  })
  test('NAT64 that is listed opens what is public behind it, and nothing private', () => {
    expect(permits('64:ff9b::/96', '64:ff9b::8.8.8.8')).toBe(true)
    expect(permits('64:ff9b::/96', '64:ff9b::10.0.0.1')).toBe(false)
    expect(permits('64:ff9b::/96', '64:ff9b::a9fe:a9fe')).toBe(false)
    expect(permits('2002::/16', '2002:7f00:1::1')).toBe(false)
    expect(permits('2001::/32', '2001:0:808:808:0:0:f5ff:fffe')).toBe(false)
    expect(permits('::ffff:0:0/96', '::ffff:127.0.0.1')).toBe(false)
  })
  test('a host that is listed may be private, and is never the metadata of a cloud', () => {
    for (const address of ['10.0.0.1', '127.0.0.1', '192.168.1.1', '::1', 'fd00::1', '8.8.8.8'])
      expect(permits('keys.internal', address, { named: true })).toBe(true)
    for (const address of [
      '169.254.169.254',
      '100.100.100.200',
      'fd00:ec2::254',
      '0.0.0.0',
      'fe80::1',
      '224.0.0.1',
      '::ffff:169.254.169.254',
    ])
      expect(permits('keys.internal', address, { named: true })).toBe(false)
  })
  test('the metadata address is opened by its network alone', () => {
    expect(permits('169.254.169.254', '169.254.169.254')).toBe(true)
    expect(read('https://169.254.169.254/', new AllowList(['169.254.169.254:443']))).toBe('address')
    expect(read('https://169.254.169.254/', new AllowList(['169.254.0.0/16']))).toBe('taken')
  })
  test('a host is listed with its port; without one it is 443', () => {
    const named = (entry: string, url: string): unknown => {
      const target = readTarget(url, new AllowList([entry]))
      return target instanceof OutboundRefusal ? target.reason : target.named
    }
    expect(named('keys.internal', 'https://KEYS.internal/')).toBe(true)
    expect(named('keys.internal', 'https://keys.internal:8443/')).toBe(false)
    expect(named('keys.internal:8443', 'https://keys.internal:8443/')).toBe(true)
    expect(named('keys.internal', 'https://evil.keys.internal/')).toBe(false)
    expect(named('keys.internal', 'https://keys.internal.evil.example/')).toBe(false)
    expect(named('[::1]:8443', 'https://[::1]:8443/')).toBe(true)
  })
  test('http is for a loopback host that is listed, and stays on loopback', () => {
    expect(read('http://localhost:4000/', new AllowList(['localhost:4000']))).toBe('taken')
    expect(read('http://127.0.0.1:4000/', new AllowList(['127.0.0.1:4000']))).toBe('taken')
    expect(read('http://localhost:4001/', new AllowList(['localhost:4000']))).toBe('url')
    expect(read('http://127.0.0.1:4000/', new AllowList(['127.0.0.0/8']))).toBe('url')
    expect(read('http://keys.internal:4000/', new AllowList(['keys.internal:4000']))).toBe('url')
    expect(permits('localhost:4000', '10.0.0.1', { named: true, secure: false })).toBe(false)
    expect(permits('localhost:4000', '8.8.8.8', { named: true, secure: false })).toBe(false)
    expect(permits('localhost:4000', '127.0.0.1', { named: true, secure: false })).toBe(true)
  })
  test.each([
    '',
    'a b',
    'user@keys.internal',
    `${'a'.repeat(64)}.internal`,
    ...words(`
      * *.example https://keys.internal keys.internal/x keys.internal:0 keys.internal:65536 keys.internal: 10.0.0.0/33 10.0.0.0/x
      10.0.0.0/ 0.0.0.0/0 ::/0 2000::/3 10.0.0.256 [::1 ::1]x 010.0.0.1/8 fe80::1%eth0 fd00::/129`),
  ])('an entry that is none stops the start: %j', (entry) => {
    expect(readAllowedTarget(entry)).toEqual(expect.any(String))
    expect(() => new AllowList([entry])).toThrow(TypeError)
  })
})
