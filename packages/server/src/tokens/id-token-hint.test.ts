import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { DerivedKeys } from '../keys/derived.ts'
import { KeyRing } from '../keys/key-ring.ts'
import { Application, told } from '../test/application.ts'
import { answeredBy, askPerson, bank, pollAnswer } from '../test/backchannel.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, ISSUER, startServer, type TestServer } from '../test/server.ts'
import { type IdTokenHint, readIdTokenHint } from './id-token-hint.ts'
import { Subjects } from './subjects.ts'

const SECRETS = [{ id: 's1', value: new Uint8Array(32).fill(1) }]
const PAIRWISE = { pairwiseSector: 'app.example' }

async function read(as: TestServer, token: unknown, issuer = ISSUER): Promise<IdTokenHint | undefined> {
  const derived = new DerivedKeys(SECRETS)
  const subjects = new Subjects(as.store, derived)
  await subjects.open()
  return readIdTokenHint({ issuer, keys: new KeyRing(as.store, derived, as.clock), subjects }, String(token))
}

test.each([
  ['public', {}],
  ['pairwise', PAIRWISE],
])('OIDC-18 LOGO-02 OIDC-59 an ID token of a %s client tells us the person and the session, also after its end', async (_name, over) => {
  const web = client(over)
  const as = await startServer([web])
  const { answer } = await new Application(as, web).tokens()
  const token = String(answer.body['id_token'])
  const { items } = await as.store.list('grant', 'subject', 'u_ada', { limit: 1 })
  const hint = { subject: 'u_ada', clientId: 'web', sid: items[0]?.value.sid }
  expect(hint.sid).toBeTypeOf('string')
  expect(await read(as, token)).toEqual({ ...hint, sub: decodeJwt(token).sub })
  as.clock.advance(3600)
  expect(await read(as, token)).toEqual({ ...hint, sub: decodeJwt(token).sub })
  expect(JSON.stringify(decodeJwt(token)).includes('u_ada')).toBe(over !== PAIRWISE)
})

test('OIDC-18 LOGO-02 nothing else that we sign passes for one, nor what others sign', async () => {
  const web = client({ userinfoSignedResponseAlg: 'ES256' })
  const as = await startServer([web])
  const app = new Application(as, web)
  const { access, answer } = await app.tokens()
  const token = String(answer.body['id_token'])
  const response = await as.fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${access}` } })
  const userinfo = await response.text()
  expect(decodeJwt(userinfo).sub).toBe('u_ada')
  const jarm = await app.person.authorize(authorizationParameters({ response_mode: 'jwt' }))
  const [header, payload, signature = ''] = token.split('.')
  const changed = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'u_eve' })).toString('base64url')
  const other = await startServer([web], { secrets: [{ id: 's1', value: new Uint8Array(32).fill(7) }] })
  const stranger = (await new Application(other, web).tokens()).answer.body['id_token']
  for (const text of [
    access,
    userinfo,
    jarm.location?.searchParams.get('response'),
    `${header}.${changed}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${signature}.x.y`,
    stranger,
    '',
    'x'.repeat(9000),
  ])
    expect(await read(as, text)).toBeUndefined()
  expect(await read(as, token, 'https://other.example')).toBeUndefined()
  expect(await read(as, token)).toBeDefined()
})

test('OIDC-59 CIBA-02 a pairwise client asks for its person again by the ID token that it got; another client cannot', async () => {
  const counter = bank(PAIRWISE)
  const other = bank({ clientId: 'other', ...PAIRWISE })
  const as = await startServer([counter, other])
  const app = new Application(as, counter)
  const { authReqId } = await answeredBy(app, 'allow')
  const tokens = await pollAnswer(app, authReqId)
  const token = String(tokens.body['id_token'])
  expect(decodeJwt(token).sub).toMatch(/^u_p\./)
  const again = { login_hint: undefined, id_token_hint: token }
  expect(told((await askPerson(app, again)).answer)).toBe('200')
  expect(told((await askPerson(new Application(as, other), again)).answer)).toBe('400 invalid_request')
  // Nobody is found by a name that only its sector knows.
  expect(told((await askPerson(app, { login_hint: decodeJwt(token).sub })).answer)).toBe('400 unknown_user_id')
})
