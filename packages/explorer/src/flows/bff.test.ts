import { beforeAll, describe, expect, test } from 'vitest'
import { takeApart } from '../dissect/jwt.ts'
import { headerOf } from '../dissect/parameters.ts'
import { jsonObject, textOf } from '../encoding.ts'
import type { Exchange, Runner } from '../model.ts'
import { begin, flowOf, goOn, runTo } from '../test/running.ts'
import { API, BFF, ISSUER, startWorld, type TestWorld } from '../test/world.ts'

const flow = flowOf('bff')

const written = ({ step, from, to, request, response }: Exchange): string =>
  `${step}: ${from} → ${to} ${request.method} ${new URL(request.url).pathname} ${response?.status ?? ''}`
    // Handles of interactions.
    .replace(/\/interaction\/[\w-]+/, '/interaction')

describe('a page without tokens', () => {
  let world: TestWorld
  let run: Runner
  const at = (method: string, url: string): Exchange | undefined =>
    run.view.exchanges.findLast(({ request }) => request.method === method && request.url.split('?')[0] === url)
  beforeAll(async () => {
    world = await startWorld()
    run = await runTo(world, flow)
  })

  test('who asked whom is shown in the order in which it began, and nothing else', () => {
    expect(run.view.exchanges.map(written)).toEqual([
      'session: browser → client GET / 200',
      'session: browser → client GET /bff/session 200',
      'sign-in: browser → client GET /bff/login 303',
      'sign-in: client → server POST /par 400',
      'sign-in: client → server POST /par 201',
      'sign-in: browser → server GET /authorize 303',
      'sign-in: browser → server GET /interaction 200',
      'sign-in: browser → server POST /interaction 303',
      'sign-in: browser → server GET /interaction 200',
      'sign-in: browser → server POST /interaction 303',
      'sign-in: browser → client GET /bff/callback 200',
      'sign-in: client → server POST /token 200',
      'sign-in: client → server GET /userinfo 200',
      'sign-in: browser → client GET / 200',
      'sign-in: browser → client GET /bff/session 200',
      'call: browser → client GET /api/accounts 200',
      'call: client → server POST /token 200',
      'call: client → api GET /accounts 200',
      'sign-out: browser → client POST /bff/logout 200',
      'sign-out: client → server POST /revoke 200',
      'sign-out: browser → client GET /bff/logout 303',
      'sign-out: browser → server GET /end-session 303',
      'sign-out: browser → client GET / 200',
      'sign-out: browser → client GET /bff/session 200',
    ])
  })

  test('each of them went over the wire', () => {
    const wire = world.internet.traffic.map(({ method, url, status }) => `${method} ${url.split('?')[0] ?? ''} ${status}`)
    for (const { request, response, front } of run.view.exchanges) {
      expect(wire).toContain(`${request.method} ${request.url.split('?')[0] ?? ''} ${response?.status ?? ''}`)
      expect(front).toBe(true)
    }
  })

  test('BFF-20: the session cookie is HttpOnly and Strict, and its value is hidden', () => {
    const cookies = at('GET', `${BFF}/bff/callback`)?.response?.headers.filter(([name]) => name === 'set-cookie')
    expect(cookies?.map(([, value]) => value)).toContain('__Host-Http-holdfast-bff=hidden; Path=/; HttpOnly; SameSite=Strict; Secure')
  })

  test('BFF-43: the page sends a cookie and the header; the API gets a token with a proof, and neither of them', () => {
    const [page, api] = [at('GET', `${BFF}/api/accounts`)?.request, at('GET', API)?.request]
    const names = ['cookie', 'x-holdfast-csrf', 'authorization', 'dpop']
    const sent = [page, api].map((request) => names.map((name) => request && headerOf(request, name)))
    expect(sent).toEqual([
      [expect.stringContaining('__Host-Http-holdfast-bff=hidden'), '1', undefined, undefined],
      [undefined, undefined, 'DPoP hidden', 'hidden'],
    ])
  })

  test('nothing of it is worth stealing: no token, code, proof or cookie', () => {
    const secrets = world.internet.traffic.flatMap(({ responseBody, requestHeaders, responseHeaders, requestBody }) => {
      const body = typeof responseBody === 'string' ? jsonObject(responseBody) : undefined
      const tokens = ['access_token', 'refresh_token', 'id_token', 'request_uri', 'logout_url'].map((name) => textOf(body, name))
      const form = new URLSearchParams(requestBody)
      const sent = ['code', 'code_verifier', 'client_assertion', 'password', 'refresh_token'].map((name) => form.get(name) ?? undefined)
      const headers = [...requestHeaders, ...responseHeaders].flatMap(([name, value]) =>
        /^(?:authorization|dpop|dpop-nonce)$/i.test(name)
          ? [value.split(' ').at(-1)]
          : /^(?:set-)?cookie$/i.test(name)
            ? [/=([^;]*)/.exec(value)?.[1]]
            : [],
      )
      return [...tokens, ...sent, ...headers].filter((one) => one !== undefined && one !== '')
    })
    expect(secrets.length).toBeGreaterThan(20)
    const shown = JSON.stringify(run.view.exchanges)
    expect(secrets.filter((secret) => shown.includes(String(secret)))).toEqual([])
  })

  test('what is read of it needs no guessing: the backend’s id is in the address of the sign-in', async () => {
    const again = await goOn(world, flow, begin(world, flow), 2)
    expect(again.view.exchanges.some(({ request }) => request.url.startsWith(`${ISSUER}/authorize?client_id=shop&`))).toBe(true)
  })
})

describe('where it does not go on', () => {
  const failedAt = async (steps: number, spoil: (world: TestWorld) => unknown): Promise<Runner> => {
    const world = await startWorld()
    const run = await goOn(world, flow, begin(world, flow), steps)
    spoil(world)
    await run.step()
    return run
  }

  test('a person who gives up ends it, and what took place before is shown', async () => {
    const world = await startWorld({ stage: { wait: () => new Promise(() => {}) } })
    const run = begin(world, flow)
    const step = run.step()
    await new Promise((resolve) => setImmediate(resolve))
    expect(run.view.waiting).toMatchObject({ url: `${BFF}/`, stays: true })
    run.cancel?.()
    await step
    expect([run.view.failed?.say, run.view.waiting, run.view.exchanges]).toEqual([
      expect.stringMatching(/^Nobody came back/),
      undefined,
      [],
    ])
  })

  test('without a trace it says why, and shows nothing', async () => {
    const world = await startWorld({ untold: true })
    expect(flow.missing(world.page.world)).toMatch(/^What a backend sends is seen by its receivers alone/)
    const run = begin(world, flow)
    await run.step()
    expect([run.view.failed?.say, run.view.exchanges]).toEqual([flow.missing(world.page.world), []])
  })

  test('a person who says no ends it: nobody is signed in, and the way there is shown', async () => {
    const run = await failedAt(1, ({ person }) => (person.refuses = true))
    expect(run.view.failed?.say).toBe('Nobody is signed in: the server, or the person, said no.')
    expect(run.view.exchanges.slice(-3).map(written)).toEqual([
      'sign-in: browser → client GET /bff/callback 200',
      'sign-in: browser → client GET / 200',
      'sign-in: browser → client GET /bff/session 200',
    ])
  })

  test('an API that refuses ends the step, and both answers are shown', async () => {
    const run = await failedAt(2, ({ internet }) =>
      internet.host(new URL(API).origin, () =>
        Promise.resolve({ status: 403, headers: { 'content-type': 'application/json' }, body: '{}' }),
      ),
    )
    expect(run.view.failed?.say).toBe('The call was refused, with status 403.')
    expect(run.view.exchanges.at(-1)).toMatchObject({ step: 'call', to: 'server' })
  })
})

describe('thieves at it', () => {
  const attacked = async (id: string, spoil: (world: TestWorld) => unknown = () => {}): Promise<Runner> => {
    const world = await startWorld()
    const run = await goOn(world, flow, begin(world, flow), 2)
    spoil(world)
    await run.attack(id)
    return run
  }

  test('BFF-31: her cookie comes along with what a page of a sibling sends, and is not enough', async () => {
    const run = await attacked('call-from-other-page')
    const [result] = run.view.attacks
    expect(result?.say).toBe('Her cookie came along, and was not enough.')
    const { request } = run.view.exchanges.at(-1) ?? {}
    expect([headerOf(request, 'cookie'), headerOf(request, 'x-holdfast-csrf')]).toEqual([
      expect.stringContaining('__Host-Http-holdfast-bff=hidden'),
      undefined,
    ])
  })

  test('a forged notice is shown as it was sent, and she stays signed in', async () => {
    const run = await attacked('logout-own-key')
    const sent = new URLSearchParams(run.view.exchanges.at(-1)?.request.body).get('logout_token') ?? ''
    expect(takeApart(sent).payload?.members).toMatchObject({ iss: ISSUER, aud: 'shop' })
    await run.step()
    expect(run.view.failed).toBeUndefined()
  })

  test.each(['call-from-other-page', 'logout-unsigned'])('%s that does not arrive has no answer, and ends nothing', async (id) => {
    const run = await attacked(id, ({ internet }) => internet.cut(BFF))
    expect(run.view.attacks).toMatchObject([{ verdict: 'no answer', say: `Nothing arrived at ${BFF}.` }])
    expect(run.view.failed).toBeUndefined()
  })
})
