import { expect, test } from 'vitest'
import type { ReceivedResponse } from '../model.ts'
import { begin, flowOf, goOn, runTo } from '../test/running.ts'
import { startWorld } from '../test/world.ts'
import { jwtsIn, parametersIn, requestParameter } from './parameters.ts'
import { threadsOf } from './thread.ts'

test('the thread leads from the key in the proof over dpop_jkt to cnf.jkt of the token and on to the call', async () => {
  const run = await runTo(await startWorld(), flowOf('code-dpop'))
  const [thread, ...others] = await threadsOf(run.view.exchanges)
  expect(others).toEqual([])
  expect(thread?.whole).toBe(true)
  const steps = new Map(run.view.exchanges.map(({ id, step }) => [id, step]))
  const knots = thread?.knots.map(({ exchange, of, name, kind }) => `${steps.get(exchange) ?? ''} ${of} ${name} ${kind}`)
  expect(knots).toEqual(
    expect.arrayContaining([
      'push request dpop jwk',
      'push request dpop_jkt dpop_jkt',
      'redeem request dpop jwk',
      'redeem response access_token cnf.jkt',
      'call request authorization cnf.jkt',
      'call request dpop jwk',
    ]),
  )
})
test('a thief’s key makes a thread of its own that leads to no token', async () => {
  const world = await startWorld()
  const flow = flowOf('code-dpop')
  const run = await goOn(world, flow, begin(world, flow))
  await run.attack('proof-of-other-key')
  const threads = await threadsOf(run.view.exchanges)
  expect(threads.map(({ whole }) => whole)).toEqual([true, false])
  // The token's own thread is cut in that call: there stands another key beside it.
  const attack = run.view.exchanges.find(({ thief }) => thief === true)?.id
  const cut = threads[0]?.knots.filter(({ exchange, value }) => exchange === attack && value !== threads[0]?.jkt)
  expect(cut?.map(({ kind, value }) => [kind, value])).toEqual([['jwk', threads[1]?.jkt]])
  expect(threads[1]?.knots.map(({ kind }) => kind)).toEqual(['jwk'])
})
test('a bearer token is on no thread', async () => {
  const run = await runTo(await startWorld(), flowOf('code-pkce'))
  expect(await threadsOf(run.view.exchanges)).toEqual([])
})
test('every JWT of an exchange is found under its name, wherever it stands', async () => {
  // A receiver that tells hides what the browser carried: here the page shows what it sent itself.
  const run = await runTo(await startWorld({ untold: true }), flowOf('jar-jarm'))
  const exchanges = run.view.exchanges.map((one) =>
    one.oneWay === true && one.to === 'client' ? { ...one, response: redirectTo(one.request.url) } : one,
  )
  const found = new Set(exchanges.flatMap((one) => jwtsIn(one).map(({ of, place, name }) => `${of} ${place} ${name}`)))
  expect([...found].toSorted()).toEqual([
    'request form client_assertion',
    'request header authorization',
    'request header dpop',
    'request query request',
    'request query response',
    'response json access_token',
    'response json id_token',
    'response query response',
  ])
})
const redirectTo = (url: string): ReceivedResponse => ({ status: 303, headers: [['location', url]], body: '' })

test('parameters are read from the query, the fragment, the form and the redirect', async () => {
  const run = await runTo(await startWorld(), flowOf('code-pkce'))
  const arrival = run.view.exchanges.find(({ to }) => to === 'client')
  const names = arrival === undefined ? [] : parametersIn(arrival).map(({ place, name }) => `${place} ${name}`)
  expect(names.toSorted()).toEqual(['query code', 'query iss', 'query state'])
  const token = run.view.exchanges.find(({ request }) => request.body.includes('grant_type'))
  expect(token && requestParameter(token, 'grant_type')).toBe('authorization_code')
})
