import { expect, test } from 'vitest'
import { linkTo, parseRoute } from './route.ts'

test('a link leads back to what it was made of', () => {
  expect(parseRoute(linkTo('code-dpop'))).toEqual({ page: 'flow', flow: 'code-dpop', exchange: undefined })
  expect(parseRoute(linkTo('code-dpop', 'e/3 %'))).toEqual({ page: 'flow', flow: 'code-dpop', exchange: 'e/3 %' })
})

test.each(['', '#', '#/'])('%j is the start', (hash) => expect(parseRoute(hash)).toEqual({ page: 'start' }))

test('the pages that are no flow have their names', () => {
  expect(parseRoute('#/paste')).toEqual({ page: 'paste' })
  expect(parseRoute('#/issuer')).toEqual({ page: 'issuer' })
})

test('a broken escape is taken as it stands', () => {
  expect(parseRoute('#/%zz/')).toEqual({ page: 'flow', flow: '%zz', exchange: undefined })
})
