import { describe, expect, test } from 'vitest'
import type { Attack } from '../attack.ts'
import { headerOf } from '../dissect/parameters.ts'
import { jsonObject } from '../encoding.ts'
import type { Exchange } from '../model.ts'
import { begin, flowOf, goOn } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { ATTACKS } from './index.ts'

/** What the thief is told, by attack; where it depends on the flow, by flow. */
const TOLD: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  'mix-up': 'nothing',
  'forged-answer': 'nothing',
  'redirect-swapped': '400',
  'redirect-pushed': '400 invalid_request',
  'scope-added': '303',
  'scope-added-to-pushed': '303',
  'request-uri-again': '400',
  'code-without-verifier': '400 invalid_grant',
  'code-wrong-verifier': '400 invalid_grant',
  'code-other-redirect': '400 invalid_grant',
  'code-other-client': '400 invalid_grant',
  'code-other-key': '400 invalid_grant',
  'code-twice': '400 invalid_grant',
  'stolen-bearer': '200',
  'token-changed': '401 invalid_token',
  'token-alg-none': '401 invalid_token',
  'token-at-other-api': '401 invalid_token',
  'replay-proof': '401 invalid_dpop_proof',
  'bound-as-bearer': '401 invalid_token',
  'proof-of-other-key': '401 invalid_token',
  'proof-for-other-url': '401 invalid_dpop_proof',
  'proof-for-other-method': '401 invalid_dpop_proof',
  'proof-without-ath': '401 invalid_dpop_proof',
  'proof-for-other-token': '401 invalid_dpop_proof',
  'old-proof': '401 invalid_dpop_proof',
  'no-proof': '401 invalid_dpop_proof',
  'refresh-other-key': '400 invalid_grant',
  'refresh-without-proof': '400 invalid_grant',
  'refresh-replayed': '400 invalid_grant',
  'refresh-other-client': '400 invalid_grant',
  'assertion-replayed': '401 invalid_client',
  'assertion-for-another': '401 invalid_client',
  'request-unsigned': '400 invalid_request_object',
  'request-changed': '400 invalid_request_object',
  'session-elsewhere': '400 invalid_dpop_proof',
  'device-code-again': '400 invalid_grant',
  'call-from-other-page': '403 csrf',
  'answer-of-other-browser': '400',
  'logout-unsigned': '400 invalid_request',
  'logout-own-key': '400 invalid_request',
}

function told(exchange: Exchange | undefined): string {
  const { response } = exchange ?? {}
  if (response === undefined) return 'nothing'
  const error = jsonObject(response.body)?.['error'] ?? /error="(\w+)"/.exec(headerOf(response, 'www-authenticate') ?? '')?.[1]
  return error === undefined ? String(response.status) : `${response.status} ${String(error)}`
}

const CASES = ATTACKS.flatMap((attack) => Object.keys(attack.at).map((flow): [string, string, Attack] => [attack.id, flow, attack]))

describe.each(CASES)('%s in %s', (id, flowId, attack) => {
  test('ends as it says, and the owner goes on unless it says what it costs', async () => {
    const world = await startWorld()
    const flow = flowOf(flowId)
    const after = flow.steps.findIndex((step) => step.id === attack.at[flowId]?.[0]) + 1
    expect(after).toBeGreaterThan(0)
    const run = await goOn(world, flow, begin(world, flow), after)
    await run.attack(id)
    const [result] = run.view.attacks
    const expected = TOLD[id] ?? ''
    expect(result?.verdict, result?.say).toBe(attack.wins === true ? 'won' : 'refused')
    const decided = run.view.exchanges.find((one) => one.id === result?.exchange)
    expect(told(decided)).toBe(typeof expected === 'string' ? expected : expected[flowId])
    expect(decided).toMatchObject({ step: id, thief: true })
    const heard = [...(decided?.findings ?? []), ...(decided?.seen ?? [])].length > 0
    if (heard) expect(result?.caught).toEqual(attack.caughtBy && expect.objectContaining(attack.caughtBy))
    if (attack.costs !== undefined) return
    await goOn(world, flow, run)
    expect([run.view.failed, run.view.done]).toEqual([undefined, flow.steps.length])
  })
})

test('each attack has an expectation, and each says who would have been hurt', () => {
  expect(Object.keys(TOLD).toSorted()).toEqual(ATTACKS.map(({ id }) => id).toSorted())
  for (const { thief, without, standard } of ATTACKS) expect([thief, without, standard].every((text) => text.length > 5)).toBe(true)
})

test('of a request that was changed on the way, the changed message alone is the thief’s', async () => {
  for (const [flowId, id] of [
    ['code-pkce', 'scope-added'],
    ['code-par', 'scope-added-to-pushed'],
  ] as const) {
    const world = await startWorld()
    const flow = flowOf(flowId)
    const run = await goOn(world, flow, begin(world, flow), flow.steps.findIndex((step) => step.id === 'authorize') + 1)
    await run.attack(id)
    const sent = run.view.exchanges.filter((one) => one.step === id)
    expect(sent.length).toBeGreaterThan(4)
    expect(sent.filter((one) => one.thief === true).map(({ id: exchange }) => exchange)).toEqual([run.view.attacks[0]?.exchange])
  }
})
