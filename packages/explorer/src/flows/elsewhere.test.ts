import { describe, expect, test } from 'vitest'
import type { World } from '../model.ts'
import { flowOf, runTo } from '../test/running.ts'
import { API, ISSUER, startWorld } from '../test/world.ts'
import { FLOWS } from './index.ts'

describe('at an issuer that somebody typed in', () => {
  test.each(['code-pkce', 'code-par', 'code-dpop', 'refresh'])('%s calls userinfo where the world has no API', async (id) => {
    const world = await startWorld({ world: { api: undefined, scope: undefined }, untold: true })
    const run = await runTo(world, flowOf(id))
    expect(run.view.failed).toBeUndefined()
    expect(run.view.exchanges.at(-1)).toMatchObject({ to: 'server', request: { url: `${ISSUER}/userinfo` }, response: { status: 200 } })
  })
  test('RFC 8414 §5: metadata that is only where OpenID Connect has it is found, and both questions are shown', async () => {
    const world = await startWorld()
    const { fetch } = world.page
    const page: typeof world.page = {
      ...world.page,
      fetch: (url, init) =>
        url.includes('oauth-authorization-server') ? Promise.resolve(new Response('', { status: 404 })) : fetch(url, init),
    }
    const run = await runTo({ ...world, page }, flowOf('code-pkce'), 1)
    expect(run.view.exchanges.map(({ request: { url }, response }) => [url, response?.status])).toEqual([
      [`${ISSUER}/.well-known/oauth-authorization-server`, 404],
      [`${ISSUER}/.well-known/openid-configuration`, 200],
    ])
    expect([run.view.done, run.view.failed]).toEqual([1, undefined])
  })
  test('an endpoint that the server does not announce is said by its name, and nothing is sent anywhere', async () => {
    const world = await startWorld()
    const page: typeof world.page = { ...world.page, fetch: () => Promise.resolve(Response.json({ issuer: ISSUER })) }
    const run = await runTo({ ...world, page }, flowOf('code-par'))
    expect(run.view.failed?.say).toBe('The server’s metadata has no pushed_authorization_request_endpoint.')
    expect(run.view.exchanges.length).toBe(1)
  })
  test('RFC 8414 §3.3: the metadata of another issuer is not believed', async () => {
    const world = await startWorld()
    const { fetch } = world.page
    const page: typeof world.page = {
      ...world.page,
      fetch: async (url, init) => {
        const answer = (await (await fetch(url, init)).json()) as object
        return Response.json({ ...answer, issuer: 'https://thief.example', token_endpoint: 'https://thief.example/token' })
      },
    }
    const run = await runTo({ ...world, page }, flowOf('code-pkce'))
    expect([run.view.done, run.view.failed?.say]).toEqual([0, expect.stringContaining('issuer is https://thief.example')])
    expect(run.view.exchanges[0]?.seen).toMatchObject([{ check: 'issuer', refused: expect.any(String) }])
  })
})

test('an API that wants a nonce is asked twice, and both are shown', async () => {
  const world = await startWorld({ guard: { nonceSecret: new Uint8Array(32) } })
  const run = await runTo(world, flowOf('code-dpop'))
  const calls = run.view.exchanges.filter(({ to }) => to === 'api')
  expect(calls.map(({ title, response }) => [title, response?.status])).toEqual([
    ['The client calls the API, with token and proof', 401],
    ['The client calls the API, with token and proof, again with the nonce that was asked for', 200],
  ])
  expect(new Set(calls.map(({ request }) => request.headers.find(([name]) => name === 'dpop')?.[1])).size).toBe(2)
})

describe('a flow that cannot run says why, in a sentence', () => {
  const BARE: World = { issuer: ISSUER, redirectUri: 'https://page.example/callback' }
  const FULL: World = {
    ...BARE,
    api: API,
    stepUp: `${API}/transfer`,
    clientId: 'page',
    deviceClientId: 'tv',
    firstPartyClientId: 'phone',
    mcp: 'https://mcp.example/mcp',
    backend: 'https://backend.example',
    bff: 'https://shop.example',
    trace: `${ISSUER}/trace`,
    username: 'ada',
  }
  test.each(FLOWS.map((flow): [string, (typeof FLOWS)[number]] => [flow.id, flow]))('%s', async (_id, flow) => {
    expect(flow.missing(BARE)).toMatch(/^[A-Z].+\.$/)
    expect(flow.missing(FULL)).toBeUndefined()
    if (flow.id !== 'mcp') expect(flow.missing(FULL, { issuer: ISSUER })).toMatch(/^[A-Z].+\.$/)
    const { as } = await startWorld()
    const metadata = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
    expect(flow.missing(FULL, metadata)).toBeUndefined()
  })
})
