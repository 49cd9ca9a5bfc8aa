import { describe, expect, test } from 'vitest'
import { outcomeOf } from './attack.ts'
import { lure, visit } from './client/visit.ts'
import { cancelled } from './faults.ts'
import type { Answer } from './scene.ts'
import { Scene } from './scene.ts'
import { createStage } from './stage.ts'
import { Trace } from './trace.ts'

const ISSUER = 'https://as.example'
const TRACE = `${ISSUER}/trace`
const PASSED = { about: 'DPoP proof', check: 'htm', rule: 'DPOP-08', refused: undefined }
const REFUSED = { about: 'DPoP proof', check: 'htu', rule: 'DPOP-09', refused: 'htu is of another address' }

/** Places that answer JSON; what is not there is 404. */
function sceneOf(
  places: Readonly<Record<string, unknown>>,
  navigate: () => Promise<string> = () => Promise.reject(cancelled()),
  trace?: string,
): Scene {
  const stage = createStage({
    world: { issuer: ISSUER, redirectUri: 'https://page.example/callback', ...(trace !== undefined && { trace }) },
    navigate,
    fetch: (url) => {
      const place = places[url]
      if (place instanceof Error) return Promise.reject(place)
      return Promise.resolve(
        place === undefined ? new Response('', { status: 404 }) : Response.json(place, { headers: { 'holdfast-trace': 't1' } }),
      )
    },
  })
  const nothing = { changed: () => {}, waiting: () => {}, asking: () => Promise.reject(cancelled()) }
  return new Scene(stage, {}, new AbortController().signal, nothing)
}

describe('what a receiver checked', () => {
  const API = 'https://api.example/a'
  const send = (scene: Scene): Promise<Answer> => scene.send({ title: 't', standard: 's', to: 'api', url: API })

  test('is fetched by the name in its answer, and shown with the exchange', async () => {
    const scene = sceneOf({ [API]: {}, [`${TRACE}/t1`]: { findings: [PASSED, REFUSED] } }, undefined, TRACE)
    await send(scene)
    expect(scene.exchanges.map(({ findings }) => findings)).toEqual([[PASSED, REFUSED]])
  })
  test.each([
    ['gone', undefined],
    ['away', new TypeError('fetch failed')],
    ['not findings', { findings: 'all good' }],
  ])('is undefined where it is %s, and the exchange is shown all the same', async (_why, told) => {
    const scene = sceneOf({ [API]: { a: 1 }, [`${TRACE}/t1`]: told }, undefined, TRACE)
    expect((await send(scene)).body).toEqual({ a: 1 })
    expect(scene.exchanges.map(({ findings }) => findings)).toEqual([undefined])
  })
  test('is not asked for in a world without a trace', async () => {
    const scene = sceneOf({ [API]: {}, [`${TRACE}/t1`]: { findings: [PASSED] } })
    await send(scene)
    expect(scene.exchanges[0]?.findings).toBeUndefined()
  })
  test('what makes no sense in it is left out', async () => {
    const scene = sceneOf({ [API]: {}, [`${TRACE}/t1`]: { findings: [7, null, {}, { ...REFUSED, extra: 1 }] } }, undefined, TRACE)
    expect((await send(scene)).findings).toEqual([REFUSED])
  })
})

describe('what a browser did', () => {
  const AUTHORIZE = `${ISSUER}/authorize?client_id=page`
  const traced = (id: string, n: number, url: string, status: number, headers: unknown, findings: unknown = []): object => ({
    id,
    n,
    at: 5,
    took: 2,
    request: { method: 'GET', url, headers: [['cookie', '…']], body: '' },
    response: { status, headers, body: '' },
    findings,
  })
  const WAY = {
    last: 9,
    requests: [
      traced('b1', 5, '/authorize?client_id=page', 303, [['location', '/interaction/x']], [PASSED]),
      traced('mine', 6, '/token', 200, { 'content-type': 'text/html' }),
      traced('b2', 7, '/interaction/x', 200, { 'content-type': ['text/html; charset=utf-8'] }),
      traced('b3', 8, '/assets/style.css', 200, [['content-type', 'text/css']]),
      'nonsense',
    ],
  }
  const words = { url: AUTHORIZE, say: 'go', title: 'The browser asks', standard: 's' }

  test('is shown as its server saw it, without styles and without what was sent from here', async () => {
    const places = { [`${TRACE}?after=${Number.MAX_SAFE_INTEGER}`]: { last: 4, requests: [] }, [`${TRACE}?after=4`]: WAY }
    const scene = sceneOf(places, () => Promise.resolve('https://page.example/callback?code=c#'), TRACE)
    scene.sent.add('mine')
    const arrival = await visit(scene, words)
    expect(arrival.parameters.get('code')).toBe('c')
    const shown = scene.exchanges.map(({ front, title, request: { url }, response, findings }) => [
      front,
      title,
      url,
      response?.status,
      findings?.length,
    ])
    expect(shown).toEqual([
      [true, 'The browser asks', `${ISSUER}/authorize?client_id=page`, 303, 1],
      [true, 'The server shows a page', `${ISSUER}/interaction/x`, 200, 0],
      [true, 'The browser brings the answer back', 'https://page.example/callback?code=c#', undefined, undefined],
    ])
  })
  test('is shown by what was sent and what came back, where the server does not tell', async () => {
    const scene = sceneOf({}, () => Promise.resolve('https://page.example/callback#code=c'))
    expect((await visit(scene, words)).parameters.get('code')).toBe('c')
    expect(scene.exchanges.map(({ oneWay, response, request: { url } }) => [oneWay, response, url])).toEqual([
      [true, undefined, AUTHORIZE],
      [true, undefined, 'https://page.example/callback#code=c'],
    ])
  })
  test('who does not come back from a thief’s link has been there, if the server saw it', async () => {
    const places = { [`${TRACE}?after=${Number.MAX_SAFE_INTEGER}`]: { last: 4, requests: [] }, [`${TRACE}?after=4`]: WAY }
    const scene = sceneOf(places, undefined, TRACE)
    scene.sent.add('mine')
    expect(await lure(scene, words)).toBeUndefined()
    expect(scene.exchanges.map(({ title }) => title)).toEqual(['The browser asks', 'The server shows a page'])
  })
  test('a visit that nobody saw and nobody came back from is not shown: it may never have been', async () => {
    for (const scene of [sceneOf({}), sceneOf({ [`${TRACE}?after=${Number.MAX_SAFE_INTEGER}`]: { last: 4 } }, undefined, TRACE)]) {
      expect(await lure(scene, words)).toBeUndefined()
      expect(scene.exchanges).toEqual([])
    }
  })
  test('the number of the last request is unknown where nobody tells', async () => {
    expect(await new Trace(sceneOf({}).stage).last()).toBeUndefined()
  })
})

describe('the verdict on an attack', () => {
  const answer = (status: number, findings?: Answer['findings']): Answer => ({
    exchange: 'e1',
    status,
    headers: new Headers(),
    body: undefined,
    text: '',
    findings,
  })
  const later = { ...REFUSED, check: 'ath' }

  test.each([
    [200, 'won'],
    [201, 'won'],
    [400, 'refused'],
    [401, 'refused'],
    [500, 'no answer'],
    [503, 'no answer'],
    [302, 'no answer'],
    [0, 'no answer'],
  ])('%i is %s', (status, verdict) => {
    expect(outcomeOf(answer(status)).verdict).toBe(verdict)
  })
  test('names the last check that refused, and none where the thief was let in', () => {
    expect(outcomeOf(answer(401, [PASSED, REFUSED, later])).caught).toEqual(later)
    expect(outcomeOf(answer(200, [REFUSED, PASSED])).caught).toBeUndefined()
    expect(outcomeOf(answer(401, [PASSED])).caught).toBeUndefined()
    expect(outcomeOf(answer(401)).caught).toBeUndefined()
  })
})
