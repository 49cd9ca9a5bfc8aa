import { parseJws } from '@holdfast/proof'
import { thumbprint } from '@holdfast/proof/node'
import { GRANT_TYPES } from '@holdfast/server'
import { afterAll, describe, expect, test } from 'vitest'
import { type Answer, KEY, OTHER_KEY, told } from '../../packages/server/src/test/application.ts'
import { ISSUER } from '../../packages/server/src/test/server.ts'
import type { GuardedApi, Shown, Target } from './apis.ts'
import { type Column, refusal, unboundRefusal, unknown } from './cells.ts'
import { type GrantRow, GRANT_ROWS } from './grants.ts'
import { METHOD_ROWS } from './methods.ts'
import type { Program } from './program.ts'
import { World } from './world.ts'

/**
 * Every grant × every client authentication × every binding. The rows are what the server has: `GRANT_TYPES`, and the
 * methods that its metadata announce. What cannot be is refused with the right code, and what can be is followed to its end.
 */
const world = await World.open()
afterAll(() => world.close())

describe('the matrix knows', () => {
  test('every grant type of the server', () => {
    expect(unknown(GRANT_TYPES, GRANT_ROWS), 'grant types without a row in test/matrix/grants.ts').toEqual([])
  })
  test('every announced method of client authentication, and none that is not', async () => {
    const methods = await world.methods()
    expect(unknown(methods, METHOD_ROWS), 'methods without a row in test/matrix/methods.ts').toEqual([])
    expect(Object.keys(METHOD_ROWS).toSorted(), 'rows of methods that the server of the matrix has').toEqual(methods.toSorted())
  })
})

describe.each(Object.entries(GRANT_ROWS))('%s', (grantType, grant) => {
  const all = world.columns.map((column) => ({ ...column, refused: refusal(grantType, column) }))

  test.each(all.filter(({ refused }) => refused !== undefined))('OA-56 ABCA-09 $title is $refused', async (column) => {
    for (const target of world.apis.keys()) {
      const program = world.program(column)
      // Who is not even authenticated gets nowhere near what the grant asks for.
      const sent = column.row.instance === undefined ? await grant.prepare(program, target) : { grant_type: grantType }
      expect(told(isAnswer(sent) ? sent : await program.post('/token', sent))).toBe(column.refused)
    }
  })

  describe('CAUTH-01 DPOP-20 DPOP-26 MTLS-18 MTLS-24 DPOP-48 DPOP-49 DPOP-50 DPOP-51 MTLS-20 MTLS-21 INT-06 INT-08 REV-06', () => {
    test.each(all.filter(({ refused }) => refused === undefined))('$title', async (column) => {
      for (const [target, api] of world.apis) await follow(grant, column, target, api)
    })
  })
})

/** A token from its request to its end. */
async function follow(grant: GrantRow, column: Column, target: Target, api: GuardedApi): Promise<void> {
  const program = world.program(column)
  const sent = await grant.prepare(program, target)
  if (isAnswer(sent)) throw new Error(`refused on the way: ${told(sent)} ${String(sent.body['error_description'])}`)

  // Without what its tokens must be bound to it gets none, and spends nothing.
  const refused = unboundRefusal(column)
  if (refused !== undefined) {
    const unbound = program.with(column.binding === 'DPoP' ? { dpop: undefined } : { certificate: undefined })
    expect(told(await unbound.post('/token', sent)), 'without its binding').toBe(refused)
  }
  const answer = await program.post('/token', sent)
  expect([told(answer), answer.body['error_description']]).toEqual(['200', undefined])
  const right = rightly(column, program)
  expect(answer.body).toMatchObject({ token_type: right.scheme, scope: target.scope })
  const token = String(answer.body['access_token'])

  const facts = factsOf(grant, column, program, target, right)
  const claims = parseJws(token, { maxLength: 8192 })?.payload
  if (target.format === 'opaque') expect(claims).toBeUndefined()
  else expect(pick(claims ?? {}, Object.keys(facts))).toEqual(facts)
  const introspected = await api.introspect(token)
  expect(pick(introspected.body, ['active', 'token_type', ...Object.keys(facts)])).toEqual({
    active: true,
    token_type: right.scheme,
    ...facts,
  })

  const request = api.request(token, right)
  expect(await request()).toBe(`200 ${grant.subject(program)}`)
  // A proof is good once; without one the same request may come again.
  expect(await request()).toBe(right.key === undefined ? `200 ${grant.subject(program)}` : '401 invalid_dpop_proof')
  for (const [how, shown, told401] of await wrongly(right)) expect(await api.show(token, shown), how).toBe(told401)

  expect(told(await program.post('/revoke', { token }))).toBe('200')
  expect((await api.introspect(token)).body).toEqual({ active: false })
  // A JWT is good at an API that does not ask until it ends; an opaque token is over at once.
  expect(await api.show(token, right)).toBe(target.format === 'opaque' ? '401 invalid_token' : `200 ${grant.subject(program)}`)
}

function isAnswer(sent: object): sent is Answer {
  return 'status' in sent
}

/** What is to be shown with a token of this column: the proof of every key that it is bound to. */
function rightly({ binding }: Column, { held }: Program): Shown {
  return {
    scheme: held.dpop === undefined ? 'Bearer' : 'DPoP',
    key: held.dpop,
    certificate: binding === 'certificate' ? held.certificate : undefined,
  }
}

/** What a token says, and the same in every form; `cnf` is undefined for a token that is bound to nothing. */
function factsOf(
  grant: GrantRow,
  { client }: Column,
  program: Program,
  { resource, scope }: Target,
  { key, certificate }: Shown,
): Readonly<Record<string, unknown>> {
  const cnf = {
    ...(key === undefined ? {} : { jkt: thumbprint(key.publicJwk) }),
    ...(certificate === undefined ? {} : { 'x5t#S256': certificate.thumbprint }),
  }
  const bound = Object.keys(cnf).length > 0
  return { iss: ISSUER, client_id: client.clientId, sub: grant.subject(program), aud: resource, scope, cnf: bound ? cnf : undefined }
}

/** Every way to show it without one of its proofs, the others kept. */
async function wrongly(right: Shown): Promise<readonly (readonly [how: string, shown: Shown, told: string])[]> {
  const stranger = await world.stranger
  const ways: (readonly [string, Shown, string])[] = []
  if (right.key === undefined) ways.push(['as DPoP, with some proof', { ...right, scheme: 'DPoP', key: KEY }, '401 invalid_token'])
  else {
    ways.push(['as Bearer', { ...right, scheme: 'Bearer' }, '401 invalid_token'])
    ways.push(['as Bearer, without a proof', { ...right, scheme: 'Bearer', key: undefined }, '401 invalid_token'])
    ways.push(['without a proof', { ...right, key: undefined }, '401 invalid_dpop_proof'])
    ways.push(['with a proof by another key', { ...right, key: OTHER_KEY }, '401 invalid_token'])
  }
  if (right.certificate !== undefined) {
    ways.push(['without a certificate', { ...right, certificate: undefined }, '401 invalid_token'])
    ways.push(['with another certificate', { ...right, certificate: stranger }, '401 invalid_token'])
  }
  return ways
}

function pick(members: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, members[name]]))
}
