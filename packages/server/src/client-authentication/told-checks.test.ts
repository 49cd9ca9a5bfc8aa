import { expect, test } from 'vitest'
import { type Answer, Application, basic, KEY, OTHER_KEY, type Sent, told } from '../test/application.ts'
import { attestedClient, ATTESTERS, Wallet } from '../test/attested.ts'
import { fapiClient } from '../test/fapi.ts'
import { type Heard, listen, RECEIVED, witnessedRequest, toldOf, without } from '../test/listening.ts'
import { type Held, MutualTls, tlsClient } from '../test/mutual-tls.ts'
import { client, publicClient, SECRET, startServer } from '../test/server.ts'
import { assertionChecks } from './private-key-jwt.ts'

const KNOWN = ['client: client_id', 'client: few failed attempts', 'client: known', 'client: registered method']
const ASSERTION = ['typ', 'alg', 'iss and sub', 'aud', 'exp', 'exp not far ahead', 'nbf', 'iat', 'jti', 'signature']
const READ = ['client_assertion_type', 'compact JWS', 'sub'].map((check) => `client_assertion: ${check}`)
const [FORM = '', URL = '', ONE = ''] = RECEIVED

async function fapi(): Promise<{ readonly app: Application; readonly heard: Heard }> {
  const as = await startServer([fapiClient(), client({ clientId: 'other' })])
  return { app: new Application(as, fapiClient(), { assertion: KEY }), heard: listen(as) }
}

const introspect = (app: Application, sent: Sent = {}): Promise<Answer> => app.post('/introspect', { token: 'x' }, sent)

test('CAUTH-01 private_key_jwt: every check of the assertion is told, in the order in which it was made', async () => {
  const { app, heard } = await fapi()
  await introspect(app)
  expect(heard.told()).toEqual([
    FORM,
    URL,
    ...READ,
    ONE,
    ...KNOWN,
    ...ASSERTION.map((check) => `client_assertion: ${check}`),
    'client: authenticated',
    'request: token',
    'client: few unknown tokens',
    'access token: asked about by a resource, FMS-08',
    'client_assertion: jti is new',
  ])
})

test.each([
  [{ aud: 'https://other.example' }, 'client_assertion: aud, CAUTH-22'],
  [{ exp: 1 }, 'client_assertion: exp, CAUTH-26'],
  [{ exp: 1_900_000_000 }, 'client_assertion: exp not far ahead, CAUTH-26'],
  [{ iss: 'other' }, 'client_assertion: iss and sub, CAUTH-21'],
  [{ jti: '' }, 'client_assertion: jti, CAUTH-27'],
  [{ sub: 7 }, 'client_assertion: sub, CAUTH-21'],
  [{ sub: 'other', iss: 'other' }, 'client: registered method, CAUTH-01'],
  [{ sub: 'nobody', iss: 'nobody' }, 'client: known, CAUTH-05'],
])('CAUTH-26 an assertion with %o: the last thing told is the check that refused it', async (claims, last) => {
  const { app, heard } = await fapi()
  await introspect(app, { credentials: { parameters: app.asserting(claims) } })
  expect(heard.told().at(-1)).toBe(last)
})

test('CAUTH-28 a wrong signature is told in the words that the client hears', async () => {
  const { app, heard } = await fapi()
  await introspect(app, { credentials: { parameters: app.asserting({}, {}, OTHER_KEY) } })
  expect(heard.findings().at(-1)).toEqual({
    about: 'client_assertion',
    check: 'signature',
    rule: 'CAUTH-28',
    refused: 'the client is unknown or its credentials are wrong',
  })
})

test('CAUTH-22 a check that is taken out is told no more, and refuses no more', async () => {
  const { app, heard } = await fapi()
  const wrong = (): Promise<unknown> => introspect(app, { credentials: { parameters: app.asserting({ aud: 'https://other.example' }) } })
  await without(assertionChecks, 'aud', async () => {
    expect(await wrong()).toMatchObject({ status: 200 })
    expect(heard.told()).not.toContainEqual(expect.stringContaining('client_assertion: aud'))
    expect(heard.told()).toContain('client_assertion: jti is new')
  })
  expect(await wrong()).toMatchObject({ status: 401 })
})

test('CAUTH-27 an assertion that is used again: only the commit can tell', async () => {
  const { app, heard } = await fapi()
  const credentials = { parameters: app.asserting() }
  await introspect(app, { credentials })
  heard.clear()
  expect(await introspect(app, { credentials })).toMatchObject({ status: 401 })
  // What the attempt found was overruled, and is not told.
  expect(heard.told().slice(-2)).toEqual(['client: few unknown tokens', 'client_assertion: jti is new, CAUTH-27'])
})

test('CAUTH-16 a secret by header and in the body', async () => {
  const post = client({ clientId: 'post', tokenEndpointAuthMethod: 'client_secret_post' })
  const as = await startServer([client(), post])
  const heard = listen(as)
  await introspect(new Application(as, client()))
  expect(heard.told().slice(0, 9)).toEqual([FORM, URL, 'client: Authorization header', ONE, ...KNOWN, 'client: secret'])
  heard.clear()
  await introspect(new Application(as, post))
  expect(heard.told().slice(0, 9)).toEqual([FORM, URL, 'client: client_id beside client_secret', ONE, ...KNOWN, 'client: secret'])
  heard.clear()
  await introspect(new Application(as, client()), { credentials: { headers: { authorization: basic('web', 'wrong') } } })
  expect(heard.told().at(-1)).toBe('client: secret, CAUTH-05')
})

test('OA-46 OA-40 OA-45 CAUTH-03 what is wrong before the client is known', async () => {
  const as = await startServer([client()])
  const heard = listen(as)
  const app = new Application(as, client())
  const last = async (parameters: Record<string, string>, headers = {}, path = '/introspect'): Promise<string | undefined> => {
    heard.clear()
    await app.post(path, parameters, { credentials: { headers } })
    return heard.told().at(-1)
  }
  const { headers } = app.credentials()
  expect(await last({})).toBe('client: one method, OA-46')
  expect(await last({ client_secret: SECRET, client_id: 'web' }, headers)).toBe('client: one method, OA-46')
  expect(await last({ client_id: 'other' }, headers)).toBe('client: client_id, CAUTH-03')
  expect(await last({}, headers, '/introspect?client_secret=x')).toBe('client: no credentials in the URL, OA-40')
  expect(await last({}, { ...headers, 'content-type': 'text/plain' })).toBe('request: form, OA-39')
})

test('OA-49 attempts that were too many', async () => {
  const as = await startServer([client()])
  const heard = listen(as)
  const wrong = { credentials: { headers: { authorization: basic('web', 'wrong') } } }
  for (let tries = 0; tries < 30; tries++) await introspect(new Application(as, client()), wrong)
  heard.clear()
  await introspect(new Application(as, client()))
  expect(heard.told().at(-1)).toBe('client: few failed attempts, OA-49')
})

test('OA-56 a public client is known by its name alone', async () => {
  const as = await startServer([publicClient()])
  const heard = listen(as)
  await introspect(new Application(as, publicClient()))
  expect(heard.told()).toEqual([FORM, URL, ONE, ...KNOWN, 'client: authenticated, INT-01'])
})

test('MTLS-06 MTLS-03 a certificate', async () => {
  const as = await startServer([tlsClient()], { mutualTls: {} })
  const findings: string[] = []
  const tls = await MutualTls.open(as, (request) =>
    as.server.mutualTlsHandler(witnessedRequest(request, (finding) => void findings.push(toldOf(finding)))),
  )
  const revoke = (held: Held | undefined): Promise<Answer> => tls.application(tlsClient(), held).post('/revoke', { token: 'x' })
  await revoke(await tls.held())
  const certificate = ['readable', 'trusted authority', 'name'].map((check) => `client certificate: ${check}`)
  expect(findings.slice(0, 10)).toEqual([FORM, URL, ONE, ...KNOWN, ...certificate])
  await revoke(await tls.held({ subject: [{ CN: ['other'] }] }))
  expect(findings.at(-1)).toBe('client certificate: name, MTLS-06')
  await revoke(undefined)
  expect(findings.at(-1)).toBe('client certificate: readable, MTLS-03')
  await tls.close()
})

test('ABCA-02 ABCA-06 an attestation and its proof', async () => {
  const as = await startServer([attestedClient()], { attestation: { attesters: ATTESTERS } })
  const heard = listen(as)
  const wallet = new Wallet(new Application(as, attestedClient()))
  await wallet.learnChallenge()
  heard.clear()
  await introspect(wallet.application, { credentials: wallet.credentials() })
  const attestation = ['typ', 'alg', 'exp', 'nbf', 'iat', 'cnf.jwk', 'trusted attester', 'fresh']
  const proof = [...['typ', 'alg', 'aud', 'jti', 'iat', 'nbf', 'exp', 'signature'].map((one) => `proof ${one}`), 'challenge']
  const read = ['one header', 'compact JWS', 'sub', 'one proof', 'proof compact JWS']
  const about = (checks: readonly string[]): readonly string[] => checks.map((check) => `client attestation: ${check}`)
  expect(heard.told().slice(0, -4)).toEqual([
    FORM,
    URL,
    ...about(read),
    ONE,
    ...KNOWN,
    ...about([...attestation, ...proof]),
    'client: authenticated',
  ])
  expect(heard.told().at(-1)).toBe('client attestation: jti is new')
  heard.clear()
  const stale = wallet.credentials(undefined, wallet.pop({ claims: { challenge: 'none of ours' } }))
  expect(told(await introspect(wallet.application, { credentials: stale }))).toBe('400 use_attestation_challenge')
  expect(heard.told().at(-1)).toBe('client attestation: challenge, ABCA-08')
})
