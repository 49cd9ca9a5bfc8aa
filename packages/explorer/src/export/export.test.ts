import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Exchange } from '../model.ts'
import { runTo, flowOf } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { toCurl } from './curl.ts'
import { toHar } from './har.ts'

const EXCHANGE: Exchange = {
  id: 'e1',
  step: 's',
  from: 'client',
  to: 'server',
  title: 't',
  standard: 's',
  front: false,
  request: {
    method: 'POST',
    url: 'https://as.example/t?a=$(id)&b=`id`[1-2]',
    headers: [['x', 'it\'s "$HOME" \\ !']],
    body: "a='; id; '\n&b=é",
  },
  response: undefined,
  findings: undefined,
  seen: [],
  at: 0,
  took: 5,
}

/** What a shell makes of the command: each word in base64, since a word may have line breaks. */
function wordsOf(command: string): readonly string[] {
  const script = `set -- ${command}; for word; do printf %s "$word" | base64 -w0; echo; done`
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'base64').toString())
}

test('a shell reads the command as the very request, whatever stands in it', () => {
  const { url, body } = EXCHANGE.request
  expect(wordsOf(toCurl(EXCHANGE))).toEqual(['curl', '--globoff', url, '--header', 'x: it\'s "$HOME" \\ !', '--data-raw', body])
})
test('a method that neither body nor its absence tells is said', () => {
  const request = { method: 'DELETE', url: 'https://a.example/', headers: [], body: '' }
  expect(wordsOf(toCurl({ ...EXCHANGE, request }))).toEqual(['curl', '--request', 'DELETE', '--globoff', 'https://a.example/'])
  expect(toCurl({ ...EXCHANGE, request: { ...request, method: 'GET' } })).toBe("curl --globoff 'https://a.example/'")
})
test('a HAR has what HAR 1.2 asks for in each entry, of every exchange in order', async () => {
  const { view } = await runTo(await startWorld(), flowOf('code-dpop'))
  const { log } = toHar([...view.exchanges, EXCHANGE])
  expect([log.version, log.entries.length]).toEqual(['1.2', view.exchanges.length + 1])
  for (const entry of log.entries)
    expect(entry).toMatchObject({
      startedDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      time: expect.any(Number),
      cache: {},
      timings: { send: 0, wait: expect.any(Number), receive: 0 },
      request: { method: expect.any(String), url: expect.any(String), httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1 },
      response: { status: expect.any(Number), content: { mimeType: expect.any(String), size: expect.any(Number) } },
    })
  expect(log.entries.at(-1)).toMatchObject({ response: { status: 0 }, request: { bodySize: Buffer.byteLength(EXCHANGE.request.body) } })
  expect(log.entries.find((entry) => JSON.stringify(entry).includes('grant_type=authorization_code'))).toMatchObject({
    request: {
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        params: expect.arrayContaining([{ name: 'grant_type', value: 'authorization_code' }]),
      },
    },
  })
})
