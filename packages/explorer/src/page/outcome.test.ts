import { describe, expect, test } from 'vitest'
import type { Exchange } from '../model.ts'
import { answerLine, checksLine, errorCode, outcomeOf, pathOf, statusLine } from './outcome.ts'
import { exchange, refusedAt } from './test/scripted-messages.ts'

const answered = (status: number, body = '', headers: readonly (readonly [string, string])[] = []): Exchange =>
  exchange({
    id: 'e1',
    step: 's',
    title: 't',
    request: { method: 'GET', url: 'https://a.example/x', headers: [], body: '' },
    response: { status, headers, body },
  })

describe('how an exchange ended', () => {
  test.each([
    [answered(200, '{}'), 'passed', '200 OK'],
    [answered(303, '', [['Location', 'https://c.example/?code=x']]), 'passed', '303 See Other'],
    [answered(303, '', [['Location', 'https://c.example/?error=access_denied&state=s']]), 'refused', '303 access_denied'],
    [answered(400, '{"error":"invalid_grant"}'), 'refused', '400 invalid_grant'],
    [answered(400, '{"error":"use_dpop_nonce"}'), 'again', '400 use_dpop_nonce'],
    [answered(400, '{"error":"authorization_pending"}'), 'again', '400 authorization_pending'],
    [answered(401, '', [['WWW-Authenticate', 'DPoP error="invalid_token", algs="ES256"']]), 'refused', '401 invalid_token'],
    [answered(401, '', [['WWW-Authenticate', 'Bearer resource_metadata="https://a.example/x"']]), 'again', '401 Unauthorized'],
    [answered(401), 'refused', '401 Unauthorized'],
    [{ ...answered(401, '', [['WWW-Authenticate', 'Bearer']]), thief: true }, 'refused', '401 Unauthorized'],
    [answered(418), 'refused', '418'],
  ])('%#: %o', (one, outcome, line) => {
    expect([outcomeOf(one), statusLine(one)]).toEqual([outcome, line])
  })

  test('no answer is no refusal, and where none belongs none is missing', () => {
    const silent = { ...answered(200), response: undefined }
    expect([outcomeOf(silent), answerLine(silent)]).toEqual(['no answer', 'No answer'])
    const arrival = { ...silent, oneWay: true }
    expect([outcomeOf(arrival), statusLine(arrival), answerLine(arrival)]).toEqual(['passed', '', 'Arrived'])
  })

  test('a 200 of which a check refused is refused', () => {
    expect(outcomeOf({ ...answered(200, '{"active":false}'), findings: [refusedAt('token', 'aud', 'X-01', 'not for you')] })).toBe(
      'refused',
    )
  })

  test('that nobody is signed in is an answer, though the check for a session is in its list', () => {
    const findings = [refusedAt('session', 'cookie known', 'BFF-07', 'nobody is signed in')]
    expect(outcomeOf({ ...answered(200, '{"active":false,"login_url":"/bff/login"}'), findings })).toBe('passed')
    expect(outcomeOf({ ...answered(401, '{"active":false,"login_url":"/bff/login"}'), findings })).toBe('refused')
  })

  test('what only looks like an error is none', () => {
    expect(errorCode(answered(200, '<p>"error":"x"</p>'))).toBeUndefined()
  })
})

test('checks are counted, and the first that refused is named', () => {
  const good = { about: 'DPoP proof', check: 'htm', rule: 'DPOP-08', refused: undefined }
  expect(checksLine(undefined)).toBe('')
  expect(checksLine([good])).toBe('1 check passed')
  expect(checksLine([good, good, refusedAt('DPoP proof', 'htu', 'DPOP-09', 'no')])).toBe('2 checks passed, refused at DPoP proof: htu')
})

test('a path is short, and says that there is more', () => {
  expect(pathOf('https://a.example/authorize?client_id=x')).toBe('/authorize?…')
  expect(pathOf('https://a.example/.well-known/oauth-authorization-server')).toBe('/.well-known/oauth-authorization-server')
  expect(pathOf('https://a.example/interaction/06gzykpsd1xahe8g4411td07x8-i6uynuDHl6XyDaBd7U/done')).toBe('/interaction/06gzyk…/done')
  expect(pathOf('not a url')).toBe('not a url')
})
