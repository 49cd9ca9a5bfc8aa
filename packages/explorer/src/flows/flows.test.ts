import { PASSWORD } from '../../../server/src/test/server.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Flow } from '../flow.ts'
import type { Runner } from '../model.ts'
import { runTo } from '../test/running.ts'
import { startWorld, type TestWorld } from '../test/world.ts'
import { FLOWS } from './index.ts'

/** Every flow, against the real server and the real guard, to its end. */

describe.each(FLOWS.map((flow): [string, Flow] => [flow.id, flow]))('%s', (_id, flow) => {
  let world: TestWorld
  let run: Runner
  beforeAll(async () => {
    world = await startWorld()
    run = await runTo(world, flow)
  })

  test('runs to its end, and the API answers', () => {
    expect(run.view.failed).toBeUndefined()
    expect([run.view.done, run.view.busy, run.view.waiting]).toEqual([flow.steps.length, false, undefined])
    expect(run.view.exchanges.findLast(({ to }) => to === 'api')).toMatchObject({ response: { status: 200 } })
  })
  test('shows each request as it was sent but for a password, under its step', () => {
    const steps = new Set(flow.steps.map(({ id }) => id))
    expect(run.view.exchanges.filter(({ step }) => !steps.has(step))).toEqual([])
    const sent = run.view.exchanges.filter(({ front }) => !front)
    const wire = world.internet.traffic.map(
      ({ method, url, requestBody }) => `${method} ${url} ${requestBody.replace(/password=[^&]*/, 'password=hidden')}`,
    )
    for (const { request } of sent) expect(wire).toContain(`${request.method} ${request.url} ${request.body}`)
  })
  test('shows no password, which outlives the run', () => {
    const shown = JSON.stringify(run.view)
    for (const text of [PASSWORD, new URLSearchParams({ p: PASSWORD }).toString().slice(2)]) expect(shown).not.toContain(text)
  })

  test('refuses nothing of its own', () => {
    expect(run.view.exchanges.flatMap(({ seen }) => seen.filter(({ refused }) => refused !== undefined))).toEqual([])
  })
})
