import type { Finding } from '@holdfast/protocol/witness'
import type { Exchange } from '../../model.ts'

/** What a run of a DPoP flow looks like, written by hand: for tests and for looking at the page. It is never shipped. */

const encode = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const SIGNATURE = 'kG9mV2Jm3Yx0bq7uTnHcQ4sW8zR1pLdE6vXaJyKfOiM5tBgUwCrNhZ2eSoPDlAqI7xYjFk3mTnVbRcGsUwHdQg'

export const ISSUER = 'https://login.example.com'
export const API = 'https://api.example.com/notes'
export const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
export const THIEFS_JKT = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
const KEY = { kty: 'EC', crv: 'P-256', x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA' }

export function proof(htm: string, htu: string, more: Readonly<Record<string, unknown>> = {}): string {
  const payload = { jti: 'e1j3V_bKic8-LAEB', htm, htu, iat: 1_790_000_000, ...more }
  return `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: KEY })}.${encode(payload)}.${SIGNATURE}`
}
export const ACCESS_TOKEN: string = `${encode({ typ: 'at+jwt', alg: 'ES256', kid: 'k-2026-09' })}.${encode({
  iss: ISSUER,
  sub: 'u_7Yp2cXq',
  aud: API,
  client_id: 'explorer',
  scope: 'notes:read',
  iat: 1_790_000_004,
  exp: 1_790_000_304,
  jti: 'at_9fKq',
  cnf: { jkt: JKT },
})}.${SIGNATURE}`

const passed = (about: string, ...checks: readonly (readonly [string, string])[]): readonly Finding[] =>
  checks.map(([check, rule]) => ({ about, check, rule, refused: undefined }))
export const refusedAt = (about: string, check: string, rule: string, refused: string): Finding => ({ about, check, rule, refused })

export const PROOF_CHECKS: readonly Finding[] = passed(
  'DPoP proof',
  ['one header', 'DPOP-01'],
  ['typ', 'DPOP-03'],
  ['alg', 'DPOP-04'],
  ['jwk', 'DPOP-05'],
  ['signature', 'DPOP-06'],
  ['htm', 'DPOP-08'],
  ['htu', 'DPOP-09'],
  ['nonce', 'DPOP-12'],
  ['iat', 'DPOP-10'],
)

const json = [
  ['content-type', 'application/json'],
  ['cache-control', 'no-store'],
] as const
const form = ['content-type', 'application/x-www-form-urlencoded'] as const
const of = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString()

let clock = 1_790_000_000_000
export function exchange(part: Partial<Exchange> & Pick<Exchange, 'id' | 'step' | 'title' | 'request'>): Exchange {
  clock += 400
  return {
    from: 'client',
    to: 'server',
    standard: 'RFC 6749 §3.2',
    front: false,
    response: { status: 200, headers: json, body: '{}' },
    findings: [],
    seen: [],
    at: clock,
    took: 18.4,
    ...part,
  }
}

const PAR = `${ISSUER}/par`
const pushed = {
  response_type: 'code',
  client_id: 'explorer',
  redirect_uri: 'https://explorer.example.com/callback.html',
  scope: 'openid notes:read',
  state: 'Zk3v7w',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  dpop_jkt: JKT,
}

export const EXCHANGES: readonly Exchange[] = [
  exchange({
    id: 'e1',
    step: 'discover',
    title: 'Read the server’s metadata',
    standard: 'RFC 8414 §3',
    request: {
      method: 'GET',
      url: `${ISSUER}/.well-known/oauth-authorization-server`,
      headers: [['accept', 'application/json']],
      body: '',
    },
    response: {
      status: 200,
      headers: json,
      body: JSON.stringify({
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/token`,
        pushed_authorization_request_endpoint: PAR,
        dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
        require_pushed_authorization_requests: true,
      }),
    },
    seen: passed('Metadata', ['issuer is the one asked', 'RFC8414-02'], ['https', 'RFC8414-01']),
  }),
  exchange({
    id: 'e2',
    step: 'push',
    title: 'Push the request; the server wants a nonce',
    standard: 'RFC 9449 §8',
    request: { method: 'POST', url: PAR, headers: [form, ['dpop', proof('POST', PAR)]], body: of(pushed) },
    response: {
      status: 400,
      headers: [...json, ['dpop-nonce', 'q6Q2zE1xVtY0']],
      body: '{"error":"use_dpop_nonce","error_description":"a nonce is required in the DPoP proof"}',
    },
    findings: [...PROOF_CHECKS.slice(0, 7), refusedAt('DPoP proof', 'nonce', 'DPOP-12', 'a nonce is required in the DPoP proof')],
  }),
  exchange({
    id: 'e3',
    step: 'push',
    title: 'Push the request again, with the nonce',
    standard: 'RFC 9126 §2.1',
    request: { method: 'POST', url: PAR, headers: [form, ['dpop', proof('POST', PAR, { nonce: 'q6Q2zE1xVtY0' })]], body: of(pushed) },
    response: {
      status: 201,
      headers: json,
      body: '{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}',
    },
    findings: [
      ...PROOF_CHECKS,
      ...passed('authorization request', ['redirect_uri', 'OA21-11'], ['code_challenge_method', 'OA21-14'], ['scope', 'OA21-17']),
    ],
  }),
  exchange({
    id: 'e4',
    step: 'authorize',
    from: 'browser',
    title: 'Sign in and allow',
    standard: 'RFC 6749 §4.1.1',
    front: true,
    request: {
      method: 'GET',
      url: `${ISSUER}/authorize?client_id=explorer&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc`,
      headers: [],
      body: '',
    },
    response: {
      status: 303,
      headers: [['location', `https://explorer.example.com/callback.html?code=co_5YqB&state=Zk3v7w&iss=${encodeURIComponent(ISSUER)}`]],
      body: '',
    },
    findings: passed('authorization request', ['request_uri is known', 'PAR-06'], ['client_id is its own', 'PAR-07']),
    seen: passed('Answer', ['state', 'OA21-21'], ['iss', 'RFC9207-02']),
  }),
  exchange({
    id: 'e5',
    step: 'token',
    title: 'Exchange the code for tokens',
    standard: 'RFC 9449 §5',
    request: {
      method: 'POST',
      url: `${ISSUER}/token`,
      headers: [form, ['dpop', proof('POST', `${ISSUER}/token`, { nonce: 'q6Q2zE1xVtY0' })]],
      body: of({
        grant_type: 'authorization_code',
        code: 'co_5YqB',
        redirect_uri: 'https://explorer.example.com/callback.html',
        client_id: 'explorer',
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      }),
    },
    response: {
      status: 200,
      headers: json,
      body: JSON.stringify({ access_token: ACCESS_TOKEN, token_type: 'DPoP', expires_in: 300, refresh_token: 'rt_1.kq3.0.pYw' }),
    },
    findings: [
      ...PROOF_CHECKS,
      ...passed(
        'code',
        ['known', 'OA21-31'],
        ['client', 'OA21-32'],
        ['redirect_uri', 'OA21-33'],
        ['code_verifier', 'OA21-34'],
        ['dpop_jkt', 'DPOP-21'],
      ),
    ],
    seen: passed('Access token', ['token_type is DPoP', 'DPOP-16'], ['cnf.jkt is our key', 'DPOP-17']),
  }),
  exchange({
    id: 'e6',
    step: 'call',
    to: 'api',
    title: 'Call the API',
    standard: 'RFC 9449 §7.1',
    request: {
      method: 'GET',
      url: API,
      headers: [
        ['authorization', `DPoP ${ACCESS_TOKEN}`],
        ['dpop', proof('GET', API, { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' })],
      ],
      body: '',
    },
    response: { status: 200, headers: json, body: '{"notes":[{"id":1,"text":"Buy milk"},{"id":2,"text":"Rotate the keys"}]}' },
    findings: [
      ...PROOF_CHECKS,
      ...passed('access token', ['signature', 'RFC9068-03'], ['aud', 'RFC9068-05'], ['exp', 'RFC9068-06'], ['cnf.jkt', 'DPOP-24']),
    ],
  }),
]

const stolen = (
  id: string,
  step: string,
  title: string,
  headers: Exchange['request']['headers'],
): Pick<Exchange, 'id' | 'step' | 'title' | 'request' | 'to' | 'standard' | 'thief'> => ({
  id,
  step,
  title,
  thief: true,
  to: 'api',
  standard: 'RFC 9449 §7.1',
  request: { method: 'GET', url: API, headers, body: '' },
})

export const ATTACK_EXCHANGES: Readonly<Record<string, Exchange>> = {
  'as-bearer': exchange({
    ...stolen('x1', 'as-bearer', 'Show the stolen token as Bearer', [['authorization', `Bearer ${ACCESS_TOKEN}`]]),
    response: {
      status: 401,
      headers: [
        ['www-authenticate', 'DPoP error="invalid_token", error_description="the token is bound to a key; show it with the DPoP scheme"'],
      ],
      body: '',
    },
    findings: [
      ...passed('access token', ['signature', 'RFC9068-03'], ['aud', 'RFC9068-05']),
      refusedAt('access token', 'scheme', 'DPOP-22', 'the token is bound to a key; show it with the DPoP scheme'),
    ],
  }),
  'other-key': exchange({
    ...stolen('x2', 'other-key', 'Make a proof with another key', [
      ['authorization', `DPoP ${ACCESS_TOKEN}`],
      ['dpop', proof('GET', API, { jti: 'thief' })],
    ]),
    response: { status: 200, headers: json, body: '{"notes":[{"id":1,"text":"Buy milk"}]}' },
    findings: undefined,
  }),
  silence: exchange({
    ...stolen('x3', 'silence', 'Ask from a place without a way there', [['authorization', `DPoP ${ACCESS_TOKEN}`]]),
    response: undefined,
    findings: undefined,
  }),
}
