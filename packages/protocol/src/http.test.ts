import { expect, test } from 'vitest'
import { type HttpRequest, json, singleHeader } from './http.ts'
import { systemClock } from './time.ts'

const request = (...values: readonly string[]): HttpRequest => ({
  method: 'GET',
  path: '/',
  query: '',
  clientAddress: '',
  headers: () => values,
  body: () => Promise.resolve(new Uint8Array()),
})

test('the only value of a header, absent, empty, or repeated', () => {
  expect(singleHeader(request('a'), 'dpop')).toBe('a')
  expect(singleHeader(request(), 'dpop')).toBeUndefined()
  expect(singleHeader(request(''), 'dpop')).toBe('')
  expect(singleHeader(request('a', 'a'), 'dpop')).toEqual({ repeated: true })
})

test('a JSON reply is not stored unless it says so', () => {
  expect(json(200, { a: 1 })).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: '{"a":1}',
  })
  expect(json(200, {}, { 'cache-control': 'public' }).headers['cache-control']).toBe('public')
})

test('the time of the system is in whole seconds', () => {
  expect(Number.isInteger(systemClock.now())).toBe(true)
})
