import { describe, expect, test } from 'vitest'
import { jwtsIn, parametersIn } from '../dissect/parameters.ts'
import { isMembers } from '../encoding.ts'
import { FLOWS } from '../flows/index.ts'
import { runTo } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { explain, type WordPlace } from './explain.ts'

describe.each(FLOWS.map((flow): [string, (typeof FLOWS)[number]] => [flow.id, flow]))('%s', (_id, flow) => {
  test('every parameter, header, claim and member that occurs has a line and its section', async () => {
    const run = await runTo(await startWorld(), flow)
    const names = new Set<string>()
    const note = (place: WordPlace, name: string): void => void names.add(`${place} ${name}`)
    for (const exchange of run.view.exchanges) {
      for (const { place, name } of parametersIn(exchange)) note(place, name)
      for (const { jwt } of jwtsIn(exchange)) {
        for (const name of Object.keys(jwt.header.members ?? {})) note('jose', name)
        for (const name of Object.keys(jwt.payload?.members ?? {})) note('claim', name)
        const jwk = jwt.header.members?.['jwk']
        if (isMembers(jwk)) for (const name of Object.keys(jwk)) note('key', name)
      }
    }
    expect(names.size).toBeGreaterThan(50)
    const unexplained = [...names].filter((both) => {
      const [place = '', name = ''] = both.split(' ')
      const words = explain(place as WordPlace, name)
      return words === undefined || words.text.length < 5 || words.section === ''
    })
    expect(unexplained).toEqual([])
  })
})

test('a name that nobody defined has no line, even one that every object has', () => {
  for (const name of ['toString', 'constructor', '__proto__', 'zzz', ''])
    for (const place of ['header', 'query', 'json', 'claim', 'jose', 'key'] as const) expect(explain(place, name)).toBeUndefined()
})
test('header fields are known in any case', () => {
  expect(explain('header', 'DPoP-Nonce')?.section).toBe('RFC 9449 §8')
})
test.each([
  ['iat', 'DPoP proof', /seconds only/],
  ['iat', 'access token', /server issued/],
  ['jti', 'DPoP proof', /counts once/],
  ['jti', 'access token', /many times/],
  ['nonce', 'ID token', /client’s request/],
  ['nonce', 'DPoP proof', /DPoP-Nonce/],
  ['aud', 'access token', /The API/],
  ['aud', 'ID token', /The client/],
] as const)('%s of a kind of JWT has the words of that kind: %s', (name, kind, words) => {
  expect(explain('claim', name, kind)?.text).toMatch(words)
  expect(explain('claim', name)?.text).not.toMatch(words)
})
test('words of a kind count for claims alone', () => {
  expect(explain('query', 'nonce', 'DPoP proof')).toEqual(explain('query', 'nonce'))
  expect(explain('claim', 'htm', 'DPoP proof')).toEqual(explain('claim', 'htm'))
})
