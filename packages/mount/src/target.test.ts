import { expect, test } from 'vitest'
import { splitTarget } from './target.ts'

test.each([
  ['/', '/', ''],
  ['/a?b=1', '/a', 'b=1'],
  ['/a?', '/a', ''],
  ['/a?b?c', '/a', 'b?c'],
  ['//evil/a', '//evil/a', ''],
  ['/a%2F..%2fb', '/a%2F..%2fb', ''],
  ['/a/../b', '/a/../b', ''],
  ['/a#b?c', '/a', ''],
  ['/a?b#c', '/a', 'b'],
  ['/redirect?to=https://x/y', '/redirect', 'to=https://x/y'],
  ['https://as.example', '/', ''],
  ['https://as.example?x=1', '/', 'x=1'],
  ['https://as.example/a/b?c', '/a/b', 'c'],
  ['https://as.example/#x', '/', ''],
  ['*', '/', ''],
  ['as.example:443', '/', ''],
  ['', '/', ''],
])('%s', (target, path, query) => {
  expect(splitTarget(target)).toEqual({ path, query })
})
