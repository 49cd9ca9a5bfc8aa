import { describe, expect, test } from 'vitest'
import { claimChecks } from '../authorization/request-object-claims.ts'
import { Application, KEY } from '../test/application.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { type Heard, listen, without } from '../test/listening.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'
import { requestObject, signedQuery, signingClient } from '../test/signed-requests.ts'
import { pushedChecks } from './authorization.ts'

const about = (name: string, ...checks: readonly string[]): readonly string[] => checks.map((check) => `${name}: ${check}`)
const TARGET = ['redirect_uri', 'response_mode']
const FIRST_ASKED = ['form', 'response_type', 'no other request in it', 'code_challenge', 'PKCE', 'dpop_jkt', 'resource']
const ASKED = [...FIRST_ASKED, 'authorization_details', 'scope', 'prompt', 'max_age', 'claims', 'acr_values']
const PLAIN = ['request object: signed where it must be', ...about('authorization request', ...TARGET, ...ASKED)]
const OPENED = ['request: form', 'request: client_id', 'client: known']
const STILL = [
  ...about('authorization request', 'redirect_uri still registered', 'response_mode still allowed', 'client unchanged'),
  ...['grant_type', 'scope', 'resource', 'authorization_details'].map((one) => `authorization request: ${one} still allowed`),
]

describe('PAR', () => {
  async function pushing(): Promise<{ readonly app: FapiApplication; readonly heard: Heard }> {
    const app = new FapiApplication(await startServer([fapiClient(), fapiClient({ clientId: 'other' })]), fapiClient())
    await app.learnNonce()
    return { app, heard: listen(app.as) }
  }

  test('PAR-06 a good request', async () => {
    const { app, heard } = await pushing()
    await app.push()
    const pushed = about('authorization request', 'no request_uri', 'client_id')
    expect(heard.afterClient()).toEqual([...pushed, ...PLAIN, 'binding: dpop_jkt', 'DPoP proof: jti is new'])
  })

  test.each([
    ['authorization request: no request_uri, PAR-05', { request_uri: 'urn:x' }],
    ['authorization request: redirect_uri, OA-11', { redirect_uri: 'https://other.example/' }],
    ['authorization request: response_type, OA-18', { response_type: 'token' }],
    ['authorization request: code_challenge, OA-21', { code_challenge_method: 'plain' }],
    ['authorization request: PKCE, OA-20', { code_challenge: undefined, code_challenge_method: undefined }],
    ['authorization request: scope, OA-26', { scope: 'payments' }],
    ['authorization request: resource, RES-01', { resource: 'https://other.example' }],
    ['authorization request: prompt, OIDC-09', { prompt: 'none login' }],
    ['authorization request: max_age, OIDC-16', { max_age: 'x' }],
    ['binding: dpop_jkt, DPOP-33', { dpop_jkt: 'A'.repeat(43) }],
    ['id_token_hint: ID token of this server, OIDC-18', { id_token_hint: 'x' }],
  ])('PAR-06 refused by %s; the proof is spent all the same', async (last, over) => {
    const { app, heard } = await pushing()
    await app.push(over)
    expect(heard.told().slice(-3)).toEqual([last, 'client_assertion: jti is new', 'DPoP proof: jti is new'])
  })

  test('DPOP-16 a proof that is used again: known by the commit alone', async () => {
    const { app, heard } = await pushing()
    const dpop = app.proof('/par')
    await app.push({}, { dpop })
    heard.clear()
    await app.push({}, { dpop })
    expect(heard.told().at(-1)).toBe('DPoP proof: jti is new, DPOP-16')
    expect(heard.told()).not.toContainEqual(expect.stringContaining('client_assertion: jti is new'))
  })

  test('DPOP-16 the proof of a public client: the memory is asked first', async () => {
    const app = new Application(await startServer(), publicClient(), { dpop: KEY })
    const { refresh } = await app.tokens()
    const heard = listen(app.as)
    const dpop = app.proof('/token')
    await app.refresh(refresh, {}, { dpop })
    expect(heard.told().filter((one) => one === 'DPoP proof: jti is new')).toHaveLength(1)
    await app.refresh(refresh, {}, { dpop })
    expect(heard.told().at(-1)).toBe('DPoP proof: jti is new, DPOP-16')
  })
})

describe('the authorization endpoint', () => {
  test('OA-11 OIDC-10 a plain request, and some that are refused', async () => {
    const as = await startServer([client(), fapiClient({ clientId: 'fapi' })])
    const heard = listen(as)
    const person = new Person(as)
    const last = async (over: Readonly<Record<string, string | undefined>>): Promise<string | undefined> => {
      heard.clear()
      await person.authorize(authorizationParameters(over))
      return heard.told().at(-1)
    }
    await person.authorize()
    const unsilent = about('interaction', 'nobody asked with prompt none', 'acr can be reached')
    expect(heard.told()).toEqual([...OPENED, ...PLAIN, 'authorization request: pushed where it must be', ...unsilent])
    expect(await last({ prompt: 'none' })).toBe('interaction: nobody asked with prompt none, OIDC-10')
    expect(await last({ client_id: 'nobody' })).toBe('client: known, OA-09')
    expect(await last({ client_id: undefined })).toBe('request: client_id, OA-09')
    expect(await last({ client_id: 'fapi' })).toBe('authorization request: pushed where it must be, PAR-20')
    expect(await last({ redirect_uri: 'https://other.example/' })).toBe('authorization request: redirect_uri, OA-11')
  })

  test('PAR-16 PAR-15 PAR-17 a pushed one: good, of another client, late, and used before', async () => {
    const as = await startServer([fapiClient(), fapiClient({ clientId: 'other' })])
    const app = new FapiApplication(as, fapiClient())
    const [pushed, another] = [await app.pushed(), await app.pushed()]
    const heard = listen(as)
    const known = ['known', 'not expired', 'of this client']
    await app.person.authorize(pushed)
    expect(heard.told().slice(0, -2)).toEqual([...OPENED, ...about('request_uri', ...known), ...STILL])
    const foreign = new URLSearchParams({ ...Object.fromEntries(another), client_id: 'other' })
    await app.person.authorize(foreign)
    expect(heard.told().at(-1)).toBe('request_uri: of this client, PAR-16')
    await without(pushedChecks, 'of this client', async () => {
      heard.clear()
      await app.person.authorize(foreign)
      expect(heard.told()).not.toContainEqual(expect.stringContaining('request_uri: of this client'))
    })
    heard.clear()
    await app.person.through(pushed)
    expect(heard.told().at(-1)).toBe('request_uri: not used before')
    await app.person.authorize(pushed)
    expect(heard.told().at(-1)).toBe('request_uri: known, PAR-15')
    as.clock.advance(3600)
    await app.person.authorize(another)
    expect(heard.told().at(-1)).toBe('request_uri: not expired, PAR-15')
  })
})

describe('request objects', () => {
  const HEADER = ['compact JWS', 'typ', 'alg', 'signature']
  const CLAIMS = ['client_id', 'iss', 'sub', 'no request inside', 'aud', 'exp', 'nbf', 'iat']

  test('JAR-05 a good one: what it is, what it says, and then the request inside', async () => {
    const as = await startServer([signingClient()])
    const heard = listen(as)
    await new Person(as).authorize(signedQuery(requestObject(as)))
    const read = about('request object', 'no request_uri beside it', ...HEADER, ...CLAIMS, 'parameters')
    expect(heard.told().slice(3, -3)).toEqual([PLAIN[0], ...read, ...PLAIN.slice(1)])
  })

  test.each([
    ['aud, JAR-07', { aud: 'https://other.example' }],
    ['exp, JAR-07', { exp: 1 }],
    ['client_id, JAR-02', { client_id: 'other' }],
    ['no request inside, JAR-03', { request_uri: 'urn:x' }],
    ['parameters, JAR-10', { claims: 'text' }],
  ])('JAR-07 refused by %s', async (last, claims) => {
    const as = await startServer([signingClient()])
    const heard = listen(as)
    await new Person(as).authorize(signedQuery(requestObject(as, claims)))
    expect(heard.told().at(-1)).toBe(`request object: ${last}`)
  })

  test('JAR-07 without its row aud is not asked for, and not told', async () => {
    const as = await startServer([signingClient()])
    const heard = listen(as)
    await without(claimChecks, 'aud', async () => {
      await new Person(as).authorize(signedQuery(requestObject(as, { aud: 'https://other.example' })))
      expect(heard.told()).not.toContainEqual(expect.stringContaining('request object: aud'))
      expect(heard.told().at(-1)).toBe('interaction: acr can be reached')
    })
  })

  test('JAR-14 a client that must sign', async () => {
    const as = await startServer([signingClient({ requireSignedRequestObject: true })])
    const heard = listen(as)
    await new Person(as).go(`${ISSUER}/authorize?${authorizationParameters()}`)
    expect(heard.told().at(-1)).toBe('request object: signed where it must be, JAR-14')
  })
})
