import { expect, test } from 'vitest'
import { parseResources } from './resource.ts'

test('RES-01 RFC 8707 §2: absolute URIs, repeated or not', () => {
  expect(parseResources([])).toEqual([])
  expect(parseResources(['https://api.example/a?b=%20', 'urn:example:api', 'https://api.example/a?b=%20', 'https://[::1]:8080'])).toEqual([
    'https://api.example/a?b=%20',
    'urn:example:api',
    'https://[::1]:8080',
  ])
})

test.each([
  '',
  'api',
  '/api',
  '//api.example',
  'https://',
  ' https://api.example',
  'https://api.example ',
  'https://api.example/\n',
  'https://api.\texample',
  'https://api.example/\u00e9',
  'https://api.example/a b',
  'https://api.example\\a',
  'https://api.example/"',
  'https://api.example/<',
  'https:',
])('RES-01 %j is no absolute URI', (value) => {
  expect(parseResources(['https://api.example', value])).toMatchObject({ code: 'invalid_target', rule: 'RES-01' })
})

test.each(['https://api.example#', 'https://api.example/#x'])('RES-01 %s has a fragment', (value) => {
  expect(parseResources([value])).toMatchObject({
    code: 'invalid_target',
    rule: 'RES-01',
    description: expect.stringContaining('fragment'),
  })
})

test('RES-01 at most 1024 characters', () => {
  const long = `https://api.example/${'x'.repeat(1004)}`
  expect(parseResources([long])).toEqual([long])
  expect(parseResources([`${long}x`])).toMatchObject({ code: 'invalid_target' })
})

test('RES-07 RFC 8414 §4: compared by code points, nothing is normalised', () => {
  const all = [
    'https://api.example',
    'https://api.example/',
    'https://API.example',
    'https://api.example:443',
    'https://api.example/%61',
    'https://api.example/a',
  ]
  expect(parseResources(all)).toEqual(all)
})
