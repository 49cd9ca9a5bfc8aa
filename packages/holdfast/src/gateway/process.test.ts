import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { killAll, Program } from '../test/program.ts'
import { bearer, type Listening, RESOURCE, send, startApi, startIssuer, tokenOf } from '../test/gateway-world.ts'

const place = (): string => mkdtempSync(join(tmpdir(), 'holdfast-guard-'))

describe('holdfast guard', () => {
  let issuer: Listening
  beforeAll(async () => void (issuer = await startIssuer()))
  afterEach(killAll)
  afterAll(() => issuer.close())

  test('runs from flags alone, lets in, and ends with 0 on SIGTERM when what is in flight is done', async () => {
    let release: () => void = () => {}
    const api = await startApi((_incoming, outgoing) => {
      outgoing.writeHead(200).write('begun, ')
      release = () => void outgoing.end('ended')
    })
    const guard = new Program(
      ['guard', '--issuer', issuer.origin, '--resource', RESOURCE, '--upstream', api.origin, '--listen', '127.0.0.1:0', '--json'],
      place(),
    )
    const { url = '' } = await guard.line('listening')
    expect((await send(url, '/v1')).status).toBe(401)
    const asked = request(`${url}/v1`, { headers: { authorization: `Bearer ${tokenOf(issuer)}` } }).end()
    const [answer] = await once(asked, 'response')
    guard.child.kill('SIGTERM')
    await guard.line('draining')
    await expect(send(url, '/v1')).rejects.toThrow(/ECONN(REFUSED|RESET)/)
    release()
    let body = ''
    for await (const chunk of answer.setEncoding('utf8')) body += String(chunk)
    expect([body, await guard.ended]).toEqual(['begun, ended', [0, null]])
    expect(guard.lines.map((line) => line.msg)).toEqual(['listening', 'draining', 'ended'])
    await api.close()
  })

  test('runs from a file and answers other proxies at /check', async () => {
    const folder = place()
    writeFileSync(join(folder, 'guard.yaml'), `issuer: ${issuer.origin}\nresource: ${RESOURCE}\nlisten: { port: 0 }\n`)
    const guard = new Program(['guard', '--config', 'guard.yaml'], folder)
    const line = await guard.line('listening')
    expect(line).toMatchObject({ forwardAuth: '/check', resource: RESOURCE })
    const question = [
      ['X-Original-Method', 'GET'],
      ['X-Original-URI', '/v1'],
    ] as const
    const { url = '' } = line
    expect((await send(url, '/check', { headers: [...question, bearer(tokenOf(issuer))] })).headers['x-holdfast-subject']).toEqual([
      'u_ada',
    ])
    guard.child.kill('SIGTERM')
    expect(await guard.ended).toEqual([0, null])
  })

  test('says all that is wrong at once, and ends with 2', async () => {
    const folder = place()
    writeFileSync(join(folder, 'holdfast.guard.yaml'), 'issuer: https://id.example/?x\nresorce: https://api.example\n')
    const guard = new Program(['guard'], folder)
    expect(await guard.ended).toEqual([2, null])
    expect(guard.err).toMatch(/resorce .*did you mean resource\?/)
    expect(guard.err).toMatch(/issuer must be an https address/)
  })
})
