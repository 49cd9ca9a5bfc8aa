import { describe, expect, test } from 'vitest'
import { cancelled } from '../faults.ts'
import { Scene } from '../scene.ts'
import { createStage } from '../stage.ts'
import type { TracedRequest } from '../trace.ts'
import { overhear } from './overheard.ts'
import { heardOutcome } from './other-page.ts'

const [AS, SHOP, API] = ['https://as.example', 'https://shop.example', 'https://api.example']
const world = { issuer: AS, bff: SHOP, api: `${API}/accounts`, redirectUri: 'https://page.example/callback' }
const nothing = { changed: () => {}, waiting: () => {}, asking: () => Promise.reject(cancelled()) }

function sceneAt(): Scene {
  return new Scene(createStage({ world, navigate: () => Promise.reject(cancelled()) }), {}, new AbortController().signal, nothing)
}

/** @param span when it began and when it was done, as the trace counts them */
function traced(
  url: string,
  span: readonly [began: number, n: number],
  over: { type?: string; site?: string; method?: string } = {},
): TracedRequest {
  const [began, n] = span
  const { type = 'application/json', site, method = 'GET' } = over
  return {
    id: `t${n}`,
    n,
    began,
    at: 0,
    took: 1,
    request: { method, url, headers: site === undefined ? [] : [['sec-fetch-site', site]], body: '' },
    response: { status: 200, headers: [['content-type', type]], body: '' },
    findings: undefined,
  }
}
const heard = (...requests: readonly TracedRequest[]): readonly string[] =>
  overhear(sceneAt(), requests).map(({ from, to, traced: { request } }) => `${from} → ${to} ${new URL(request.url).pathname}`)

describe('who sent what', () => {
  test('a request within another is its receiver’s, the innermost one’s', () => {
    const requests = [
      traced(`${AS}/token`, [2, 1], { method: 'POST' }),
      traced(`${AS}/introspect`, [4, 2], { method: 'POST' }),
      traced(`${API}/accounts`, [3, 3]),
      traced(`${SHOP}/api/accounts`, [1, 4], { site: 'same-origin' }),
    ]
    expect(heard(...requests)).toEqual([
      'browser → client /api/accounts',
      'client → server /token',
      'client → api /accounts',
      'api → server /introspect',
    ])
  })

  test('what other programs send meanwhile is nobody’s of these, and is not shown', () => {
    expect(
      heard(traced(`${AS}/token`, [1, 1], { method: 'POST' }), traced(`${API}/accounts`, [2, 2]), traced('https://b.example/', [3, 3])),
    ).toEqual([])
  })

  test('a browser’s request is not the backend’s, though it came while the backend was asked', () => {
    const page = traced(`${AS}/authorize`, [2, 1], { type: 'text/html', site: 'same-site' })
    expect(heard(page, traced(`${SHOP}/bff/session`, [1, 2]))).toEqual(['browser → client /bff/session', 'browser → server /authorize'])
  })

  test('what this page sent is shown already', () => {
    const scene = sceneAt()
    scene.sent.add('t1')
    expect(overhear(scene, [traced(`${SHOP}/bff/session`, [1, 1])])).toEqual([])
  })

  test('what a page is made of is left out, and so is what everybody may read', () => {
    const made = ['text/css', 'text/javascript; charset=utf-8'].map((type, i) => traced(`${SHOP}/file`, [i + 1, i + 1], { type }))
    const within = [traced(`${AS}/.well-known/openid-configuration`, [4, 3]), traced(`${AS}/jwks`, [5, 4])]
    expect(heard(...made, ...within, traced(`${SHOP}/bff/login`, [3, 5]))).toEqual(['browser → client /bff/login'])
  })

  test('a notice of a sign-out is the server’s', () => {
    expect(heard(traced(`${SHOP}/bff/backchannel-logout`, [1, 1], { method: 'POST' }))).toEqual(['server → client /bff/backchannel-logout'])
  })
})

test.each([
  [200, 'won'],
  [303, 'won'],
  [403, 'refused'],
  [503, 'no answer'],
])('what a receiver answered to a page of others is what it tells: %i is %s', (status, verdict) => {
  const one = traced(`${SHOP}/api/accounts`, [1, 1])
  const refused = { about: 'request', check: 'csrf header', rule: 'BFF-32', refused: 'it is missing' }
  const outcome = heardOutcome({ exchange: 'e1', traced: { ...one, response: { ...one.response, status }, findings: [refused] } })
  expect([outcome.verdict, outcome.caught]).toEqual([verdict, verdict === 'refused' ? refused : undefined])
})
