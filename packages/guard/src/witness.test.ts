import { createHash } from 'node:crypto'
import type { Finding, NamedCheck } from '@holdfast/protocol/witness'
import { dpopCheckNames } from '@holdfast/proof'
import { generateKeyPair, thumbprint } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { bindingChecks } from './confirmation.ts'
import { createGuard, type Guard, type GuardOptions, type Need } from './index.ts'
import { accessToken, API, type Call, clientKey, ISSUER, issuerKey, proofFor, requestOf, START, startApi } from './test/api.ts'
import { tokenChecks } from './token-checks.ts'
import { createGuard as createWebGuard } from './web.ts'

const der = new Uint8Array([1, 2, 3])
const certificate = { der, authorized: false }
const x5t = { 'x5t#S256': createHash('sha256').update(der).digest('base64url') }
const jkt = thumbprint(clientKey.publicJwk)
const about = (subject: string, ...checks: readonly string[]): readonly string[] => checks.map((check) => `${subject}: ${check}`)

const REQUEST = about('request', 'Authorization once', 'token68', 'no token in query')
const JWT = about('access token', 'compact jws', 'typ', 'alg', 'iss', 'aud', 'required claims', 'exp present', 'exp', 'nbf', 'signature')
const BINDING = about('binding', 'cnf', 'bound under DPoP', 'not bound under Bearer', 'DPoP where required', 'binding where required')
const PROOF = [...about('DPoP proof', 'sent', ...dpopCheckNames), ...about('binding', 'cnf.jkt')]
const NEW = about('DPoP proof', 'jti is new', 'iat since start, again')
const CERTIFICATE = about('binding', 'certificate', 'x5t#S256')

interface Heard {
  readonly list: readonly Finding[]
  readonly names: readonly string[]
  readonly kind: 'allowed' | 'refused'
  readonly error: string | undefined
}

async function heard(guard: Guard, call: Call & { readonly withCertificate?: boolean }, need?: Need): Promise<Heard> {
  const list: Finding[] = []
  const shown = call.withCertificate === true ? { clientCertificate: certificate } : {}
  const verdict = await guard.check({ ...requestOf(call), ...shown, witness: (finding) => list.push(finding) }, need)
  const error =
    verdict.kind === 'refused' ? (JSON.parse(verdict.reply.body) as { error_description?: string }).error_description : undefined
  return { list, names: list.map((finding) => `${finding.about}: ${finding.check}`), kind: verdict.kind, error }
}

const bearer = (claims = {}): Call => ({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' })
const bound = (claims = {}, proved = {}): Call => {
  const token = accessToken(claims)
  return { token, proof: proofFor(token, proved) }
}
const everything: Need = { acr: ['mfa'], maxAge: 60, scopes: ['accounts:read'], anyScope: ['accounts:read', 'x'], details: () => true }
const ENGINES = [
  ['node', createGuard],
  ['web', createWebGuard],
] as const

describe.each(ENGINES)('what a witness hears of a good request, by the engine %s', (_name, create) => {
  const guardWith = (over: Partial<GuardOptions> = {}): Guard => startApi(over, create).guard
  const passes = async (guard: Guard, ...rest: [Parameters<typeof heard>[1], Need?]): Promise<readonly string[]> => {
    const { names, kind, list } = await heard(guard, ...rest)
    expect([kind, list.filter(({ refused }) => refused !== undefined)]).toEqual(['allowed', []])
    return names
  }

  test('TOK-12 a bearer token', async () => {
    expect(await passes(guardWith(), bearer())).toEqual([...REQUEST, ...JWT, ...BINDING])
  })
  test('DPOP-46 a token that is bound to a key', async () => {
    expect(await passes(guardWith(), bound())).toEqual([...REQUEST, ...JWT, ...BINDING, ...PROOF, ...NEW])
  })
  test('MTLS-20 a token that is bound to a certificate', async () => {
    const call = { ...bearer({ cnf: x5t }), withCertificate: true }
    expect(await passes(guardWith(), call)).toEqual([...REQUEST, ...JWT, ...BINDING, ...CERTIFICATE])
  })
  test('STEP-10 FAPI-61 the list of revoked tokens, then what the route asks for, and only that; the proof is burnt last', async () => {
    const guard = guardWith({ revoked: () => false })
    const route = about('route', 'acr', 'max_age', 'scope', 'any scope', 'authorization_details')
    const named = { acr: 'mfa', auth_time: START }
    const before = [...REQUEST, ...JWT, ...BINDING, ...PROOF, 'revocation: revoked']
    expect(await passes(guard, bound(named), everything)).toEqual([...before, ...route, ...NEW])
    expect(await passes(guard, bound(named), { maxAge: 60 })).toEqual([...before, 'route: max_age', ...NEW])
  })
  test('TOK-12 a token that was seen before makes the same list as one that is new, and its keys are not fetched again', async () => {
    const { guard, asked } = startApi({}, create)
    const call = bearer()
    expect((await guard.check(requestOf(call))).kind).toBe('allowed')
    const fetched = asked.length
    const [first, second] = [await passes(guard, call), await passes(guard, call)]
    expect([first, second]).toEqual([
      [...REQUEST, ...JWT, ...BINDING],
      [...REQUEST, ...JWT, ...BINDING],
    ])
    expect(asked).toHaveLength(fetched)
  })
  test('TOK-12 of several issuers the one that iss names', async () => {
    const guard = guardWith({ issuers: [{ issuer: ISSUER }, { issuer: 'https://other.example' }] })
    const call = bearer()
    const list = [...REQUEST, 'access token: trusted iss', ...JWT, ...BINDING]
    expect([await passes(guard, call), await passes(guard, call)]).toEqual([list, list])
  })
})

describe('what it hears of a request that is refused', () => {
  const other = generateKeyPair('ES256')
  const revoked = { revoked: () => true }
  const needs = (need: Need): { readonly need: Need } => ({ need })
  const cases: readonly [string, string, Call, { readonly need?: Need; readonly options?: Partial<GuardOptions> }?][] = [
    ['DPOP-55', 'request: Authorization once', { authorization: ['Bearer a', 'DPoP b'] }],
    ['OA-65', 'request: token68', { authorization: ['Bearer ä'] }],
    ['OA-68', 'request: no token in query', { ...bearer(), query: 'access_token=x' }],
    ['TOK-12', 'access token: compact jws', { token: 'opaque', scheme: 'Bearer' }],
    ['TOK-03', 'access token: typ', { token: accessToken({}, { typ: 'JWT' }), scheme: 'Bearer' }],
    ['TOK-12', 'access token: alg', bearer(), { options: { tokenAlgorithms: ['PS256'] } }],
    ['TOK-12', 'access token: iss', bearer({ iss: 'https://evil.example' })],
    [
      'TOK-12',
      'access token: trusted iss',
      bearer({ iss: 'https://evil.example' }),
      { options: { issuers: [{ issuer: ISSUER }, { issuer: 'https://other.example' }] } },
    ],
    [
      'TOK-12',
      'access token: issuer to ask',
      { token: 'opaque', scheme: 'Bearer' },
      { options: { issuers: [{ issuer: ISSUER }, { issuer: 'https://other.example' }] } },
    ],
    ['TOK-12', 'access token: aud', bearer({ aud: 'https://other.example' })],
    ['TOK-04', 'access token: required claims', bearer({ jti: undefined })],
    ['TOK-04', 'access token: exp present', bearer({ exp: undefined })],
    ['TOK-12', 'access token: exp', bearer({ exp: START - 10 })],
    ['TOK-12', 'access token: nbf', bearer({ nbf: START + 11 })],
    ['TOK-12', 'access token: signature', { token: accessToken({}, {}, other), scheme: 'Bearer' }],
    ['DPOP-60', 'binding: cnf', bearer({ cnf: { kid: 'x' } })],
    ['DPOP-50', 'binding: bound under DPoP', { token: accessToken({ cnf: undefined }) }],
    ['DPOP-49', 'binding: not bound under Bearer', { token: accessToken(), scheme: 'Bearer' }],
    ['DPOP-59', 'binding: DPoP where required', bearer(), { options: { dpopRequired: true } }],
    ['FAPI-63', 'binding: binding where required', bearer(), { options: { bindingRequired: true } }],
    ['MTLS-21', 'binding: certificate', bearer({ cnf: x5t })],
    ['MTLS-20', 'binding: x5t#S256', { ...bearer({ cnf: { 'x5t#S256': 'x' } }), withCertificate: true } as Call],
    ['DPOP-51', 'DPoP proof: sent', { token: accessToken() }],
    ['DPOP-08', 'DPoP proof: htm', bound({}, { htm: 'POST' })],
    ['DPOP-09', 'DPoP proof: htu', bound({}, { htu: 'https://proxy.example/v1/accounts' })],
    ['DPOP-48', 'binding: cnf.jkt', bound({ cnf: { jkt: thumbprint(other.publicJwk) } })],
    ['FAPI-61', 'revocation: revoked', bound(), { options: revoked }],
    ['STEP-06', 'route: acr', bound(), needs(everything)],
    ['STEP-05', 'route: max_age', bound({ acr: 'mfa' }), needs(everything)],
    ['OA-69', 'route: scope', bound(), needs({ scopes: ['accounts:write'] })],
    ['OA-69', 'route: any scope', bound(), needs({ anyScope: ['x', 'y'] })],
    ['RAR-14', 'route: authorization_details', bound(), needs({ scopes: ['accounts:read'], details: () => false })],
  ]

  describe.each(ENGINES)('by the engine %s', (_name, create) => {
    test.each(cases)('%s the list ends in what refused it: %s', async (rule, name, call, { need, options = {} } = {}) => {
      const told: unknown[] = []
      const { guard } = startApi({ ...options, onRefusal: (refusal) => told.push([refusal.rule, refusal.description]) }, create)
      const { list, names, kind, error } = await heard(guard, call, need)
      expect([kind, names.at(-1), list.at(-1)?.rule]).toEqual(['refused', name, rule])
      expect(list.at(-1)?.refused).toBe(error)
      expect(told).toEqual([[rule, error]])
      expect(list.slice(0, -1).filter(({ refused }) => refused !== undefined)).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      // A witness changes no answer.
      const verdict = await startApi(options, create).guard.check(
        { ...requestOf(call), clientCertificate: 'withCertificate' in call ? certificate : undefined },
        need,
      )
      expect(verdict.kind === 'refused' && (JSON.parse(verdict.reply.body) as object)).toMatchObject({ error_description: error })
    })

    test('DPOP-16 a proof that was used', async () => {
      const { guard } = startApi({}, create)
      const call = bound()
      const first = await heard(guard, call)
      const again = await heard(guard, call)
      expect([first.kind, again.kind, again.names]).toEqual(['allowed', 'refused', first.names.slice(0, -1)])
      expect(again.list.at(-1)).toMatchObject({ check: 'jti is new', rule: 'DPOP-16', refused: again.error })
    })

    test('DPOP-18 a proof from before a memory that was begun anew meanwhile', async () => {
      const memory = {
        processLocal: false,
        startedAt: START as number,
        add: async () => ((memory.startedAt = START + 1), 'new' as const),
        increment: async () => 1,
        forgive: async () => undefined,
      }
      const { names, list, error } = await heard(startApi({ memory }, create).guard, bound())
      expect(names.slice(-2)).toEqual(NEW)
      expect(list.at(-1)).toMatchObject({ rule: 'DPOP-18', refused: error })
    })
  })

  test('OA-71 of a request without a token there is nothing to hear', async () => {
    expect((await heard(startApi().guard, {})).list).toEqual([])
  })
})

describe('what decides is what is heard', () => {
  async function without<T>(table: readonly NamedCheck<never, never>[], name: string, run: () => Promise<T>): Promise<T> {
    const rows = table as NamedCheck<never, never>[]
    const index = rows.findIndex((row) => row.name === name)
    const [row] = rows.splice(index, 1)
    try {
      return await run()
    } finally {
      rows.splice(index, 0, row as NamedCheck<never, never>)
    }
  }

  test('TOK-12 a row that is taken out is heard of no more, and refuses no more', async () => {
    const call = bearer({ aud: 'https://other.example' })
    const { kind, names } = await without(tokenChecks as never, 'aud', () => heard(startApi().guard, call))
    expect([kind, names]).toEqual(['allowed', [...REQUEST, ...JWT, ...BINDING].filter((name) => name !== 'access token: aud')])
    expect((await heard(startApi().guard, call)).kind).toBe('refused')
  })

  test('FAPI-63 so it is with the binding', async () => {
    const { guard } = startApi({ bindingRequired: true })
    const { kind, names } = await without(bindingChecks as never, 'binding where required', () => heard(guard, bearer()))
    expect([kind, names]).toEqual(['allowed', [...REQUEST, ...JWT, ...BINDING.slice(0, -1)]])
  })

  test('TOK-15 what it hears has no token, no proof, no thumbprint and no person in it', async () => {
    const call = bound({ acr: 'mfa', auth_time: START })
    const lists = [await heard(startApi().guard, call, everything), await heard(startApi().guard, { ...call, scheme: 'Bearer' })]
    const text = JSON.stringify(lists.map(({ list }) => list))
    const parts = [call.token, call.proof].flatMap((jws) => String(jws).split('.'))
    for (const part of [...parts, jkt, 'u_ada', issuerKey.publicJwk.kty === 'EC' ? issuerKey.publicJwk.x : API])
      expect(text).not.toContain(part)
  })
})
