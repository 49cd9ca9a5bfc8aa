import { describe, expect, test } from 'vitest'
import type { Access, Need, ScopeImplications } from './index.ts'
import { accessToken, type Answer, requestOf, startApi } from './test/api.ts'
import { activeAnswer, BEARER, startAsked } from './test/asked-issuer.ts'

const IMPLIED: ScopeImplications = {
  accounts: ['accounts:read', 'accounts:write'],
  'accounts:write': ['accounts:draft'],
  one: ['two'],
  two: ['one'],
}

function show(scope: string | undefined, need: Need, scopeImplies: ScopeImplications = IMPLIED): Promise<Answer> {
  return startApi({ scopeImplies }).call({ token: accessToken({ cnf: undefined, scope }), scheme: 'Bearer' }, need)
}

async function accessOf(scope: unknown): Promise<Access | undefined> {
  const token = accessToken({ cnf: undefined, scope })
  const verdict = await startApi({ scopeImplies: IMPLIED }).guard.check(requestOf({ token, scheme: 'Bearer' }))
  return verdict.kind === 'allowed' ? verdict.access : undefined
}

describe('MCP-35 scopes that hold others', () => {
  test.each([
    ['accounts', 'accounts:read', 200],
    ['accounts', 'accounts:draft', 200],
    ['accounts:write', 'accounts:draft', 200],
    ['one', 'two', 200],
    ['two', 'one', 200],
    ['accounts:draft', 'accounts:write', 403],
    ['accounts:read', 'accounts', 403],
    ['account', 'accounts:read', 403],
    ['constructor', 'accounts:read', 403],
    [undefined, 'accounts:read', 403],
    ['', 'accounts:read', 403],
  ])('MCP-35 with %s, %s is %i', async (held, needed, status) => {
    expect((await show(held, { scopes: [needed] })).status).toBe(status)
  })
  test('MCP-35 not without the setting', async () => {
    expect((await show('accounts', { scopes: ['accounts:read'] }, {})).status).toBe(403)
  })
  test('MCP-35 the route is told all of them, and the token’s own in its claims', async () => {
    expect(await accessOf('accounts:write x')).toMatchObject({
      scopes: ['accounts:write', 'accounts:draft', 'x'],
      claims: { scope: 'accounts:write x' },
    })
    for (const scope of [undefined, '', 7, ['accounts']]) expect((await accessOf(scope))?.scopes).toEqual([])
  })
  test('MCP-35 in answers of the issuer too', async () => {
    const api = startAsked({}, { scopeImplies: IMPLIED })
    api.tokens.set('at_1', activeAnswer({ ...BEARER, scope: 'accounts' }))
    expect((await api.call({ token: 'at_1', scheme: 'Bearer' }, { scopes: ['accounts:read'] })).allowed).toBe(true)
  })
  test.each<[string, unknown]>([
    ['a text, whose letters would be scopes', { a: 'b' }],
    ['a space', { a: ['b c'] }],
    ['a space in what holds', { 'a b': ['c'] }],
    ['no text', { a: [7] }],
  ])('MCP-35 %s is refused at the start', (_name, scopeImplies) => {
    expect(() => startApi({ scopeImplies: scopeImplies as ScopeImplications })).toThrow(TypeError)
  })
})

describe('anyScope', () => {
  const anyScope = ['read', 'accounts:read']
  test('OA-69 one of them is enough, also by what it is held in, beside all of scopes', async () => {
    for (const held of ['read', 'accounts:read x', 'accounts']) expect((await show(held, { anyScope })).allowed).toBe(true)
    expect((await show('read', { anyScope, scopes: ['x'] })).status).toBe(403)
    expect((await show('x', { anyScope, scopes: ['x'] })).status).toBe(403)
    expect((await show('x read', { anyScope, scopes: ['x'] })).allowed).toBe(true)
  })
  test('MCP-34 the challenge names the first, or the one that is there already', async () => {
    expect((await show('y', { anyScope, scopes: ['x'] })).challenges[0]).toContain('scope="x read"')
    expect((await show('accounts:read', { anyScope, scopes: ['x'] })).challenges[0]).toContain('scope="x accounts:read"')
    expect((await show('y', { anyScope: ['x', 'z'], scopes: ['x'] })).challenges[0]).toContain('scope="x"')
  })
  test.each<[string, unknown]>([
    ['an empty list', { anyScope: [] }],
    ['a text', { anyScope: 'read' }],
    ['a text for scopes', { scopes: 'read' }],
    ['two in one', { scopes: ['read write'] }],
    ['a quote', { scopes: ['a"'] }],
    ['null', { scopes: null }],
  ])('OA-70 %s is a fault of the program, whoever asks', async (_name, need) => {
    await expect(startApi().call({}, need as Need)).rejects.toThrow(TypeError)
  })
})
