import { describe, expect, test } from 'vitest'
import { newRecordId, newSecret } from '@holdfast/protocol/secret'
import { createLog } from './log.ts'
import { redact } from './redact.ts'

function logged(form: 'json' | 'text', write: (log: ReturnType<typeof createLog>) => void, color = false): string {
  let text = ''
  write(createLog({ form, color, write: (line) => (text += line), now: () => Date.UTC(2026, 10, 21, 12, 0, 0) }))
  return text
}

describe('the two forms', () => {
  test('machines get one object a line', () => {
    expect(JSON.parse(logged('json', (log) => log.warn('it is late', { port: 4000, list: ['a'] })))).toEqual({
      level: 'warn',
      time: '2026-11-21T12:00:00.000Z',
      port: 4000,
      list: ['a'],
      msg: 'it is late',
    })
  })
  test('people get a short line, in colour where there is a terminal that wants it', () => {
    expect(logged('text', (log) => log.info('listening', { url: 'http://localhost:4000', seconds: 0.2, none: undefined }))).toMatch(
      /^\d\d:\d\d:\d\d info  listening url=http:\/\/localhost:4000 seconds=0\.2\n$/,
    )
    expect(logged('text', (log) => log.error('no'), true)).toContain('\u001b[31merror\u001b[0m no')
  })
  test('nothing from outside ends a line or steers the terminal', () => {
    expect(logged('text', (log) => log.info('a\u001b[2Jb\rc', { path: 'x\u009b1my\u0007' }))).toMatch(/info  a\?\[2Jb\?c path=x\?1my\?\n$/)
    expect(logged('json', (log) => log.info('a\nb')).split('\n')).toHaveLength(2)
  })
})

describe('the second belt', () => {
  const secret = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v'
  const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1XzEifQ.${'x'.repeat(86)}`
  test.each([
    [{ refreshToken: 'r' }],
    [{ client_secret: 's' }],
    [{ headers: { authorization: 'x', 'set-cookie': ['c=1'] } }],
    [{ password: 'hunter2' }],
    [{ dpop: 'p' }],
    [{ code_verifier: 'v' }],
  ])('%j goes by the name of its field', (fields) => {
    expect(JSON.stringify(redact(fields))).toMatch(/:\[?"\[redacted\]"\]?\}+$/)
  })
  test.each([
    [jwt],
    [`Bearer ${jwt}`],
    [`a Basic ${'dXNlcjpwYXNz'} header`],
    [secret],
    [`sent ${newRecordId()}${secret}.`],
    [new Error(`bad ${secret}`)],
  ])('%s goes by its looks', (value) => {
    const text = JSON.stringify(redact({ detail: value }))
    expect(text).toContain('[redacted]')
    expect(text).not.toContain(secret)
    expect(text).not.toContain('dXNlcjpwYXNz')
    expect(text).not.toContain('eyJzdWIi')
  })
  test('what an operator needs stays: key ids, addresses, paths, numbers', () => {
    const fields = {
      kid: newSecret(),
      clientId: 'web',
      path: '/srv/packages/server/src/client-authentication/private-key-jwt.ts:12',
      tokens: 5,
      code: 'EADDRINUSE',
    }
    expect(redact(fields)).toEqual(fields)
  })
  test('in both forms', () => {
    for (const form of ['json', 'text'] as const)
      expect(logged(form, (log) => log.error(`failed with ${jwt}`, { access_token: 'abc', inner: { jwt } }))).not.toMatch(/eyJzdWIi|abc/)
  })
})
