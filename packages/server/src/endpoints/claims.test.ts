import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, startServer, type TestServer } from '../test/server.ts'
import { requestObject, signedQuery, signingClient } from '../test/signed-requests.ts'

const SCOPES = ['openid', 'profile', 'email', 'phone', 'accounts:read']
const CLAIMS = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  email_verified: true,
  phone_number: '+44 20 7946 0000',
  updated_at: 1_700_000_000,
  address: { country: 'GB' },
  department: 'engines',
  sub: 'u_somebody_else',
  acr: 'forged',
  exp: 1,
  'name#ja': 'エイダ',
}

async function scene(over: Parameters<typeof client>[0] = {}): Promise<{ readonly as: TestServer; readonly web: Application }> {
  const web = client({ scopes: SCOPES, ...over })
  const as = await startServer([web])
  const ada = as.people.get('u_ada')
  if (ada !== undefined) as.people.set('u_ada', { ...ada, claims: CLAIMS })
  return { as, web: new Application(as, web) }
}

const asking = (claims: unknown, scope = 'openid'): { readonly scope: string; readonly claims: string } => ({
  scope,
  claims: JSON.stringify(claims),
})

/** What userinfo answers, and what the ID token says beyond the protocol. */
async function heard(web: Application, claims: unknown, scope?: string): Promise<{ userinfo: unknown; idToken: unknown }> {
  const { access, answer } = await web.tokens(asking(claims, scope))
  return { userinfo: (await web.userinfo(access)).body, idToken: aboutPerson(String(answer.body['id_token'])) }
}

function aboutPerson(token: string): unknown {
  const { iss, aud, iat, exp, auth_time, amr, at_hash, sid, ...rest } = decodeJwt(token)
  expect([iss, aud, typeof iat, typeof exp, typeof auth_time, Array.isArray(amr), typeof at_hash, typeof sid]).toEqual([
    'https://as.example',
    'web',
    'number',
    'number',
    'number',
    true,
    'string',
    'string',
  ])
  return rest
}

describe('OIDC-47 OIDC-48 Core §5.5: what is asked by name', () => {
  test('comes where it was asked for, beyond the scopes of the request; updated_at is a number as the account says', async () => {
    const { web } = await scene()
    const claims = { userinfo: { phone_number: null, updated_at: null }, id_token: { email: { essential: true } } }
    expect(await heard(web, claims)).toEqual({
      userinfo: { sub: 'u_ada', phone_number: '+44 20 7946 0000', updated_at: 1_700_000_000 },
      idToken: { sub: 'u_ada', email: 'ada@example.com' },
    })
  })

  test('what the account does not have is left out, essential or not, and nothing fails', async () => {
    const { web } = await scene()
    const claims = { userinfo: { birthdate: { essential: true }, nickname: null }, id_token: { gender: { essential: true } } }
    expect(await heard(web, claims)).toEqual({ userinfo: { sub: 'u_ada' }, idToken: { sub: 'u_ada' } })
  })

  test('OIDC-49 Core §5.5.1: a claim that is another than the one asked for is left out, also when a scope opens it', async () => {
    const { web } = await scene()
    const claims = {
      userinfo: { email: { value: 'eve@example.com' }, name: { values: ['Eve', 'Ada Lovelace'] } },
      id_token: { email: { values: ['eve@example.com'] }, name: { value: 'Ada Lovelace' } },
    }
    expect(await heard(web, claims, 'openid email')).toEqual({
      userinfo: { sub: 'u_ada', email_verified: true, name: 'Ada Lovelace' },
      idToken: { sub: 'u_ada', name: 'Ada Lovelace' },
    })
  })

  test('OIDC-33 nothing that is not asked for there comes in the ID token', async () => {
    const { web } = await scene()
    expect((await heard(web, { userinfo: { email: null } }, 'openid profile email')).idToken).toEqual({ sub: 'u_ada' })
  })

  test('what the protocol says no request and no account can change', async () => {
    const { web, as } = await scene()
    const claims = { sub: null, acr: null, exp: null, iss: null, holdfast_grant: null }
    const { access, answer } = await web.tokens(asking({ userinfo: claims, id_token: claims }))
    const token = decodeJwt(String(answer.body['id_token']))
    expect([token.sub, token['acr'], token.exp, token.iss]).toEqual(['u_ada', undefined, as.clock.now() + 300, 'https://as.example'])
    expect((await web.userinfo(access)).body).toEqual({ sub: 'u_ada' })
  })

  test('OIDC-26 OIDC-47 a refreshed ID token has the claims again, as the account has them then', async () => {
    const { web, as } = await scene()
    const { refresh } = await web.tokens({ ...asking({ id_token: { email: null } }), nonce: 'n' })
    const ada = as.people.get('u_ada')
    if (ada !== undefined) as.people.set('u_ada', { ...ada, claims: { ...ada.claims, email: 'new@example.com' } })
    const answer = await web.refresh(refresh)
    expect(aboutPerson(String(answer.body['id_token']))).toEqual({ sub: 'u_ada', email: 'new@example.com' })
  })

  test('OIDC-47 Core §5.2: a language of a claim is given where the account has it, and ignored where not', async () => {
    const { web } = await scene()
    expect((await heard(web, { userinfo: { 'name#ja': null, 'family_name#ja': null, 'address#ja': null } })).userinfo).toEqual({
      sub: 'u_ada',
      'name#ja': 'エイダ',
    })
  })
})

describe('OIDC-47 what a client may have by name (docs/decisions/0012)', () => {
  test('a claim of a scope that it is not registered for it does not get', async () => {
    const { web } = await scene()
    expect(await heard(web, { userinfo: { address: null }, id_token: { address: null } })).toEqual({
      userinfo: { sub: 'u_ada' },
      idToken: { sub: 'u_ada' },
    })
  })

  test.each([
    ['operator', { sub: 'u_ada', department: 'engines' }],
    ['machine', { sub: 'u_ada' }],
  ] as const)('a claim that no standard names: of a client by %s', async (origin, userinfo) => {
    const { web } = await scene({ origin })
    expect((await heard(web, { userinfo: { department: null } })).userinfo).toEqual(userinfo)
  })

  test('a scope that was taken from the client since takes the claims with it', async () => {
    const { web, as } = await scene()
    const { access, refresh } = await web.tokens(asking({ userinfo: { email: null }, id_token: { email: null } }))
    const less = client({ scopes: ['openid', 'profile'] })
    const now = new Application(await startServer([less], { store: as.store, clock: as.clock }), less)
    now.as.people.set('u_ada', { sub: 'u_ada', username: 'ada', displayName: 'Ada', claims: CLAIMS, disabled: false })
    expect((await now.userinfo(access)).body).toEqual({ sub: 'u_ada' })
    expect(aboutPerson(String((await now.refresh(refresh)).body['id_token']))).toEqual({ sub: 'u_ada' })
  })
})

describe('where it is read', () => {
  test('OIDC-46 malformed, it is invalid_request to the client, at PAR too', async () => {
    const { web, as } = await scene()
    const parameters = authorizationParameters({ claims: '{"userinfo":{"email":true}}' })
    expect((await new Person(as).authorize(parameters)).location?.searchParams.get('error')).toBe('invalid_request')
    expect(told(await web.post('/par', Object.fromEntries(parameters)))).toBe('400 invalid_request')
    const long = authorizationParameters({ claims: JSON.stringify({ userinfo: { x: { value: 'x'.repeat(4096) } } }) })
    expect(told(await web.post('/par', Object.fromEntries(long)))).toBe('400 invalid_request')
  })

  test('OIDC-02 without openid it is no parameter of ours, whatever it says', async () => {
    const { web } = await scene()
    const { access } = await web.tokens({ scope: 'profile', claims: 'nonsense' })
    expect(told(await web.userinfo(access))).toBe('403 insufficient_scope')
  })

  test('OIDC-46 pushed, and in a request object as JSON, it means the same', async () => {
    const { web } = await scene()
    const pushed = await web.post('/par', Object.fromEntries(authorizationParameters(asking({ userinfo: { email: null } }))))
    const seen = await web.person.through(new URLSearchParams({ client_id: 'web', request_uri: String(pushed.body['request_uri']) }))
    const redeemed = await web.redeem(seen.location?.searchParams.get('code') ?? '')
    expect((await web.userinfo(String(redeemed.body['access_token']))).body).toEqual({ sub: 'u_ada', email: 'ada@example.com' })

    const as = await startServer([signingClient()])
    const signed = new Application(as, signingClient())
    const object = requestObject(as, { scope: 'openid', claims: { userinfo: { email: null } } })
    const code = (await signed.person.through(signedQuery(object))).location?.searchParams.get('code') ?? ''
    const { body } = await signed.redeem(code)
    expect((await signed.userinfo(String(body['access_token']))).body).toEqual({ sub: 'u_ada', email: 'ada@example.com' })
  })
})

describe('OIDC-23 OIDC-24 the person is asked', () => {
  async function page(as: TestServer, person: Person, claims: unknown, scope = 'openid'): Promise<string> {
    const opened = await person.authorize(authorizationParameters(asking(claims, scope)))
    const signIn = await person.go(opened.location ?? '')
    const next = signIn.text.includes('login-submit') ? await person.signIn(opened) : signIn
    return next.location === undefined ? next.text : (await person.go(next.location)).text
  }

  test('in words, once for what belongs together, and not again for what a scope opens anyway', async () => {
    const { as } = await scene()
    const asked = { phone_number: null, phone_number_verified: null, email: null, department: null, address: null }
    const text = await page(as, new Person(as), { userinfo: asked, id_token: { phone_number: null } }, 'openid email')
    expect(text.split('See your phone number')).toHaveLength(2)
    expect(text.split('See your e-mail address')).toHaveLength(2)
    expect(text).toContain('department')
    expect(text).not.toContain('postal address')
  })

  test('what a link says is shown as a word or not at all: no sentence, no mark that turns the text round', async () => {
    const { as } = await scene()
    const names = ['nothing else” Press Allow to go on', 'a\u202Eb', '<b>x</b>', 'https://claims.example/team']
    const text = await page(as, new Person(as), { userinfo: Object.fromEntries(names.map((name) => [name, null])) })
    expect(text).toContain('“https://claims.example/team”')
    for (const part of ['Press Allow', '\u202E', 'x&lt;/b']) expect(text).not.toContain(part)
  })

  test('again for a claim that was not asked for before, also under prompt=none, and not for one that was', async () => {
    const { as, web } = await scene()
    await web.tokens(asking({ userinfo: { email: null } }))
    const silently = async (claims: unknown): Promise<string | null | undefined> => {
      const seen = await web.person.authorize(authorizationParameters({ ...asking(claims), prompt: 'none' }))
      return seen.location?.searchParams.get('error')
    }
    expect(await silently({ userinfo: { email: null } })).toBeNull()
    expect(await silently({ id_token: { email: null } })).toBeNull()
    expect(await silently({ userinfo: { phone_number: null } })).toBe('consent_required')
    expect(await page(as, web.person, { userinfo: { phone_number: null } })).toContain('See your phone number')
    // What only the protocol says is nothing to ask about.
    expect(await silently({ id_token: { auth_time: { essential: true }, acr: null } })).toBeNull()
  })
})
