import { describe, expect, test } from 'vitest'
import { codeDpop, codePkce } from './flows/code.ts'
import { cancelled, popupBlocked } from './faults.ts'
import { begin, flowOf, goOn, runTo } from './test/running.ts'
import { API, ISSUER, startWorld } from './test/world.ts'

describe('bad days', () => {
  test('the server goes away in the middle: it is said, and what was shown stays', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop, 3)
    const shown = run.view.exchanges
    world.internet.cut(ISSUER)
    await run.step()
    expect(run.view.failed?.say).toBe(`No answer came from ${ISSUER}.`)
    expect(run.view.failed?.remedy).toContain('running')
    expect(run.view.exchanges.slice(0, shown.length)).toEqual(shown)
    expect(run.view.exchanges.at(-1)).toMatchObject({ response: undefined, request: { url: `${ISSUER}/token` } })
    expect([run.view.done, run.view.busy]).toEqual([3, false])
  })
  test('the window is closed before it went anywhere: nothing is shown as sent, and the run is over', async () => {
    const world = await startWorld()
    world.person.visit = () => Promise.reject(cancelled())
    const run = await runTo(world, codePkce)
    expect([run.view.done, run.view.waiting, run.view.failed?.say]).toEqual([1, undefined, expect.stringContaining('Nobody came back')])
    expect(run.view.exchanges.filter(({ step }) => step === 'authorize')).toEqual([])
  })
  test('what arrives for another page or run is told apart by its state, in a signed answer too', async () => {
    for (const flow of [codePkce, flowOf('jar-jarm')]) {
      const heard: boolean[] = []
      const world = await startWorld()
      const stage = flow.by === 'page' ? world.page : world.backend
      const watched: typeof stage = {
        ...stage,
        navigate: async (url, signal, isOwn) => {
          const callback = await stage.navigate(url, signal, isOwn)
          heard.push(isOwn(callback), isOwn('https://explorer.example/callback?code=c&state=another'))
          return callback
        },
      }
      const run = await runTo({ ...world, page: watched, backend: watched }, flow)
      expect([run.view.failed, heard]).toEqual([undefined, [true, false]])
    }
  })
  test('the browser blocks the window', async () => {
    const run = await runTo(await startWorld({ stage: { navigate: () => Promise.reject(popupBlocked()) } }), codePkce)
    expect(run.view.failed?.remedy).toContain('Allow windows')
  })
  test('the person gives up while the page waits for her', async () => {
    const world = await startWorld({ stage: { navigate: () => new Promise(() => {}) } })
    const run = await runTo(world, codePkce, 1)
    const step = run.step()
    await untilWaiting(run)
    run.cancel?.()
    await step
    expect([run.view.failed?.say, run.view.waiting, run.view.busy]).toEqual([expect.stringContaining('Nobody came back'), undefined, false])
  })
  test('the person says no', async () => {
    const world = await startWorld()
    const visit = world.person.visit.bind(world.person)
    world.person.visit = async (url) => {
      await visit(url)
      return `https://explorer.example/callback?error=access_denied&state=${new URL(url).searchParams.get('state')}&iss=${ISSUER}`
    }
    const run = await runTo(world, codePkce)
    expect(run.view.failed).toMatchObject({ say: expect.stringContaining('access_denied'), remedy: expect.stringContaining('said no') })
  })
  test.each([3600, -3600])('this clock is %i s off: the server’s Date header tells it', async (off) => {
    const world = await startWorld()
    const { fetch, now } = world.page
    const page = {
      ...world.page,
      now: () => now() + off * 1000,
      fetch: async (url: string, init: RequestInit) => {
        const answer = await fetch(url, init)
        answer.headers.set('date', new Date(now()).toUTCString())
        return answer
      },
    }
    const run = await runTo({ ...world, page }, codeDpop)
    const way = off > 0 ? 'ahead of' : 'behind'
    expect(run.view.failed).toMatchObject({
      say: expect.stringMatching(new RegExp(`This clock is (3599|3600|3601) s ${way} the server`)),
      remedy: expect.stringContaining('clock'),
    })
  })
  test('a clock off by an hour, where no Date header can be read: the refused time is said', async () => {
    const world = await startWorld()
    const { now } = world.page
    const run = await runTo({ ...world, page: { ...world.page, now: () => now() - 3_600_000 } }, codeDpop)
    expect(run.view.failed?.remedy).toContain('Compare this clock')
  })
  test('the refresh token has ended', async () => {
    const world = await startWorld()
    const run = await runTo(world, flowOf('refresh'), 4)
    world.clock.advance(40 * 24 * 3600)
    await run.step()
    expect(run.view.failed).toMatchObject({ say: expect.stringContaining('invalid_grant'), remedy: expect.stringContaining('expired') })
  })
  test('an API that lets a fresh sign-in pass is asked until it is too old, and of that only the refusal is shown', async () => {
    const world = await startWorld()
    const run = await runTo(world, flowOf('step-up'), 4)
    await run.step()
    expect([run.view.failed, run.view.done]).toEqual([undefined, 5])
    expect(run.view.exchanges.filter(({ step }) => step === 'challenge').map(({ response }) => response?.status)).toEqual([401])
  })
  test('an API that lets every sign-in pass asks for no step-up: that is said, not played', async () => {
    const world = await startWorld({ world: { stepUp: API } })
    const run = await runTo(world, flowOf('step-up'), 4)
    await run.step()
    expect(run.view.failed?.say).toContain('lets this sign-in pass')
  })
  test('a fault of the stage itself is said, and nothing is thrown', async () => {
    const world = await startWorld({
      stage: {
        now: () => {
          throw new RangeError('no clock')
        },
      },
    })
    const run = await runTo(world, codePkce)
    expect(run.view.failed?.say).toContain('no clock')
  })
})

describe('one thing at a time', () => {
  test('a second step while one is under way sends nothing twice', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop, 3)
    const before = run.view.exchanges.length
    await Promise.all([run.step(), run.step(), run.step(), run.attack('replay-proof')])
    expect(run.view.done).toBe(4)
    expect(run.view.exchanges.slice(before).filter(({ request }) => request.url.endsWith('/token')).length).toBe(1)
    expect(run.view.attacks).toEqual([])
  })
  test('after the end nothing more happens, and nothing breaks', async () => {
    const world = await startWorld()
    const run = await runTo(world, codePkce)
    const { exchanges, done } = run.view
    await run.step()
    await run.step()
    expect([run.view.exchanges, run.view.done, run.view.failed]).toEqual([exchanges, done, undefined])
  })
  test('after it failed neither step nor attack sends anything', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop, 3)
    world.internet.cut(ISSUER)
    await run.step()
    const { length } = run.view.exchanges
    await run.step()
    await run.attack('code-without-verifier')
    expect(run.view.exchanges.length).toBe(length)
  })
  test('closed: keys and tokens are gone, the exchanges stay to be read', async () => {
    const world = await startWorld()
    const run = await runTo(world, codeDpop)
    const { exchanges } = run.view
    run.close()
    await run.step()
    await run.attack('replay-proof')
    expect(run.view.exchanges).toEqual(exchanges)
    expect(run.view.failed?.say).toContain('forgotten')
  })
  test('closed while a person is waited for: the step ends, and no later answer brings it back', async () => {
    let arrive: (url: string) => void = () => {}
    const world = await startWorld({ stage: { navigate: () => new Promise((resolve) => (arrive = resolve)) } })
    const run = await runTo(world, codePkce, 1)
    const step = run.step()
    await untilWaiting(run)
    run.close()
    await step
    arrive('https://explorer.example/callback?code=late')
    await step
    expect([run.view.busy, run.view.done, run.view.failed?.say]).toEqual([false, 1, expect.stringContaining('gone')])
  })
  test('who subscribes hears each change, and nothing after he has left', async () => {
    const world = await startWorld()
    const run = begin(world, codePkce)
    let heard = 0
    const end = run.subscribe(() => void heard++)
    await run.step()
    const until = heard
    expect(until).toBeGreaterThan(2)
    end()
    await goOn(world, codePkce, run)
    expect(heard).toBe(until)
  })
})

/** Resolves when a person has to act. */
function untilWaiting(run: ReturnType<typeof begin>): Promise<void> {
  return new Promise((resolve) => {
    const end = run.subscribe(() => {
      if (run.view.waiting === undefined) return
      end()
      resolve()
    })
  })
}
