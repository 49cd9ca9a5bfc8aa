import { expect, test } from 'vitest'
import { clientAddressBehind } from './client-address.ts'

const CASES: readonly (readonly [
  name: string,
  trusted: readonly string[],
  peer: string | undefined,
  forwarded: readonly string[],
  expected: string,
])[] = [
  ['no proxy is trusted by default', [], '10.0.0.1', ['203.0.113.9'], '10.0.0.1'],
  ['a stranger is not believed', ['10.0.0.0/8'], '203.0.113.1', ['198.51.100.1'], '203.0.113.1'],
  ['a trusted proxy is', ['10.0.0.0/8'], '10.0.0.1', ['203.0.113.9'], '203.0.113.9'],
  ['a trusted proxy that says nothing', ['10.0.0.0/8'], '10.0.0.1', [], '10.0.0.1'],
  ['what the client wrote itself is left of it', ['10.0.0.1'], '10.0.0.1', ['6.6.6.6, 203.0.113.9'], '203.0.113.9'],
  ['two proxies', ['10.0.0.0/8'], '10.0.0.1', ['6.6.6.6, 203.0.113.9, 10.9.9.9'], '203.0.113.9'],
  ['two lines are one list', ['10.0.0.0/8'], '10.0.0.1', ['6.6.6.6', '203.0.113.9,10.9.9.9'], '203.0.113.9'],
  ['all are proxies: the first', ['10.0.0.0/8'], '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
  ['what is no address ends the walk', ['10.0.0.0/8'], '10.0.0.1', ['203.0.113.9, unknown, 10.0.0.2'], '10.0.0.2'],
  ['an empty entry too', ['10.0.0.0/8'], '10.0.0.1', ['203.0.113.9,'], '10.0.0.1'],
  ['a port is cut', ['10.0.0.1'], '10.0.0.1', ['203.0.113.9:51234'], '203.0.113.9'],
  ['a bracketed address with a port', ['10.0.0.1'], '10.0.0.1', ['[2001:db8::1]:443'], '2001:db8::1'],
  ['a bracketed address', ['10.0.0.1'], '10.0.0.1', ['[2001:DB8:0:0::1]'], '2001:db8::1'],
  ['a mapped peer is its IPv4 address', [], '::ffff:203.0.113.1', [], '203.0.113.1'],
  ['a mapped proxy is trusted as IPv4', ['10.0.0.0/8'], '::ffff:10.0.0.1', ['::ffff:203.0.113.9'], '203.0.113.9'],
  ['also in hexadecimal', ['10.0.0.1'], '10.0.0.1', ['::ffff:cb00:7109'], '203.0.113.9'],
  ['IPv6 range', ['fd00::/8'], 'fd12::1', ['2001:db8::9'], '2001:db8::9'],
  ['outside the IPv6 range', ['fd00::/8'], 'fe00::1', ['2001:db8::9'], 'fe00::1'],
  ['IPv6 in another spelling', ['2001:db8::1'], '2001:0db8:0000::0001', ['203.0.113.9'], '203.0.113.9'],
  ['a zone is not part of the address', ['fe80::/10'], 'fe80::1%eth0', ['203.0.113.9'], '203.0.113.9'],
  ['a Unix socket, trusted', ['unix'], undefined, ['203.0.113.9'], '203.0.113.9'],
  ['a Unix socket, not trusted', ['10.0.0.1'], undefined, ['203.0.113.9'], ''],
  ['IPv4 with a leading zero is no address', ['10.0.0.1'], '10.0.0.1', ['010.0.0.9'], '10.0.0.1'],
  ['markup is no address', ['10.0.0.1'], '10.0.0.1', ['<script>'], '10.0.0.1'],
]

test.each(CASES)('%s', (_name, trusted, peer, forwarded, expected) => {
  expect(clientAddressBehind(trusted)(peer, () => forwarded)).toBe(expected)
})

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0', 'loopback', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/-1', ''])(
  '%s is neither an address nor a range',
  (entry) => {
    expect(() => clientAddressBehind([entry])).toThrow(TypeError)
  },
)

test.each([[[]], [['10.0.0.0/8']]])('a stranger’s header is not even read (trusted: %j)', (trusted) => {
  const address = clientAddressBehind(trusted)('203.0.113.1', () => {
    throw new Error('read')
  })
  expect(address).toBe('203.0.113.1')
})
