import { describe, expect, test } from 'vitest'
import { HOSTILE_ADDRESSES, NEVER_REGISTERED } from '../test/hostile-addresses.ts'
import { ACCOUNTS_API, client } from '../test/server.ts'
import { heldToPolicy, readMachineClient } from './machine-client.ts'
import { readClient } from './read-client.ts'
import { MACHINE_POLICY } from './registration.ts'

const CONTEXT = { profile: 'oauth21', resources: [ACCOUNTS_API], grantTypes: ['authorization_code', 'refresh_token'] } as const
const SECRET = 'kR9tVx2mQ7pLw4sZ8bNc6hJd3fGy5aEu'

const read = (over: object): ReturnType<typeof readClient> =>
  readClient({ client_id: 'web', client_secret: SECRET, redirect_uris: ['https://app.example/cb'], ...over }, CONTEXT, 'c')
const faults = (over: object): readonly string[] => read(over).faults.map(({ path, message }) => `${path} ${message}`)

test('LOGO-05 LOGO-15 LOGO-20 all of them, as an operator writes them', () => {
  expect(
    read({
      post_logout_redirect_uris: ['https://app.example/out', 'http://127.0.0.1:3000/out'],
      backchannel_logout_uri: 'https://internal.example/logout?tenant=1',
      backchannel_logout_session_required: true,
      frontchannel_logout_uri: 'https://app.example/frame',
      frontchannel_logout_session_required: true,
      initiate_login_uri: 'https://app.example/begin',
    }).value,
  ).toMatchObject({
    postLogoutRedirectUris: ['https://app.example/out', 'http://127.0.0.1:3000/out'],
    backchannelLogoutUri: 'https://internal.example/logout?tenant=1',
    backchannelLogoutSessionRequired: true,
    frontchannelLogoutUri: 'https://app.example/frame',
    frontchannelLogoutSessionRequired: true,
    initiateLoginUri: 'https://app.example/begin',
  })
})

describe('A16 A17 addresses that cannot be registered', () => {
  test.each(NEVER_REGISTERED.map((address) => [JSON.stringify(address), address]))('%s', (_name, address) => {
    expect(faults({ post_logout_redirect_uris: [address] })).toHaveLength(1)
    for (const member of ['backchannel_logout_uri', 'frontchannel_logout_uri', 'initiate_login_uri'])
      expect(faults({ [member]: address }), member).toHaveLength(1)
  })
  test('the list has most of them', () => expect(NEVER_REGISTERED.length).toBeGreaterThan(HOSTILE_ADDRESSES.length - 10))
})

test.each([
  ['post_logout_redirect_uris', ['com.example.app:/out'], /private-use scheme for native/],
  ['post_logout_redirect_uris', ['https://a.example/', 'https://a.example/'], /\[1\] stands there twice/],
  ['backchannel_logout_uri', 'http://app.example/logout', /https/],
  ['backchannel_logout_uri', 'https://u:p@app.example/', /user name/],
  ['backchannel_logout_uri', 'https://app.example/#x', /fragment/],
  ['frontchannel_logout_uri', 'https://app.example:8443/frame', /scheme, host and port of one of redirect_uris/],
  ['frontchannel_logout_uri', 'https://other.example/frame', /scheme, host and port/],
  ['frontchannel_logout_uri', 'http://localhost/frame', /scheme, host and port/],
  ['initiate_login_uri', 'http://localhost/begin', /must be https/],
] as const)('LOGO-20 LOGO-15 %s %s', (member, value, wrong) => {
  expect(faults({ [member]: value })).toEqual([expect.stringMatching(wrong)])
})

test('LOGO-05 a native application has private-use schemes with a dot', () => {
  const native = (uri: string): readonly string[] => faults({ application_type: 'native', post_logout_redirect_uris: [uri] })
  expect([native('com.example.app:/out'), native('app:/out').length]).toEqual([[], 1])
})

describe('REG-12 a client that registers itself', () => {
  const context = {
    policy: { ...MACHINE_POLICY, redirectHosts: ['app.example'], native: false },
    resources: [ACCOUNTS_API],
    grantTypes: CONTEXT.grantTypes,
    authorizationDetailsTypes: [],
    authMethods: ['none', 'client_secret_basic'] as const,
    reservedNames: new Set<string>(),
  }
  const registered = (over: object): ReturnType<typeof readMachineClient> =>
    readMachineClient(
      { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none', ...over },
      { clientId: 'c1', origin: 'machine', secretHash: undefined, vouched: false },
      context,
    )
  test('loses what the operator takes back later', () => {
    const before = client({
      postLogoutRedirectUris: ['https://app.example/o', 'https://gone.example/o'],
      backchannelLogoutUri: 'https://gone.example/l',
      frontchannelLogoutUri: 'https://gone.example/f',
      initiateLoginUri: 'https://app.example/i',
    })
    expect(heldToPolicy(before, context)).toMatchObject({
      postLogoutRedirectUris: ['https://app.example/o'],
      backchannelLogoutUri: undefined,
      frontchannelLogoutUri: undefined,
      initiateLoginUri: 'https://app.example/i',
    })
  })
  test('is called and left at hosts of its own alone', () => {
    expect(
      registered({ backchannel_logout_uri: 'https://app.example/l', post_logout_redirect_uris: ['https://app.example/o'] }),
    ).toMatchObject({
      client: { backchannelLogoutUri: 'https://app.example/l', postLogoutRedirectUris: ['https://app.example/o'] },
      metadata: { backchannel_logout_uri: 'https://app.example/l' },
    })
    for (const over of [
      { backchannel_logout_uri: 'https://victim.example/l' },
      { initiate_login_uri: 'https://victim.example/l' },
      { post_logout_redirect_uris: ['https://victim.example/'] },
      { post_logout_redirect_uris: ['http://127.0.0.1/'] },
      { post_logout_redirect_uris: ['javascript:alert(1)'] },
    ]) {
      const wrong = registered(over)
      const paths = 'client' in wrong ? [] : wrong.map(({ path }) => path.replace('[0]', ''))
      expect([...new Set(paths)], JSON.stringify(over)).toEqual(Object.keys(over))
    }
  })
})
