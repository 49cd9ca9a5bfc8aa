import type { Finding } from '@holdfast/protocol/witness'
import { atHashSteps } from '../dissect/construction.ts'
import { takeApart } from '../dissect/jwt.ts'
import { type Members, textOf } from '../encoding.ts'
import { candidates, verifyByAny } from '../verify.ts'

/** What a client has to check itself. Each finding says what was compared, where it is refused. */
const finding = (about: string, check: string, rule: string, refused: string | undefined): Finding => ({ about, check, rule, refused })

export interface ExpectedAnswer {
  readonly state: string | undefined
  readonly issuer: string
  /** The server says that every answer of its has `iss` (RFC 9207 §3). */
  readonly announcesIss: boolean
}

const ANSWER = 'authorization response'

/** RFC 9207 §2.4 and OAuth 2.1 §4.1.2: whose answer it is, and whether this client asked. All are told, not the first alone. */
export function checkAnswer(parameters: URLSearchParams, { state, issuer, announcesIss }: ExpectedAnswer): readonly Finding[] {
  const iss = parameters.get('iss')
  const wrongIss =
    iss === null
      ? announcesIss
        ? 'iss is missing, though this server always sends it'
        : undefined
      : iss === issuer
        ? undefined
        : `iss is ${iss}: the answer is not from ${issuer}, where this client sent the person`
  const wrongState =
    parameters.get('state') === (state ?? null) ? undefined : 'state is not the one of this request: the client did not ask for this answer'
  return [finding(ANSWER, 'state', 'OA-30', wrongState), finding(ANSWER, 'iss', 'ISS-02', wrongIss)]
}

export function checkTokenType(answer: Members | undefined, bound: boolean): Finding {
  const type = textOf(answer, 'token_type')
  const right = bound ? 'DPoP' : 'Bearer'
  const refused = type?.toLowerCase() === right.toLowerCase() ? undefined : `token_type is ${String(type)}, expected ${right}`
  return finding('token response', 'token_type', bound ? 'DPOP-62' : 'OA-43', refused)
}

export interface ExpectedIdToken {
  readonly issuer: string
  readonly clientId: string
  readonly nonce: string | undefined
  readonly accessToken: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  readonly keys: readonly Members[]
}

/** OpenID Connect Core §3.1.3.7. Some clocks are off: a minute is forgiven. */
export async function checkIdToken(text: string, expected: ExpectedIdToken): Promise<readonly Finding[]> {
  const jwt = takeApart(text)
  const about = 'id_token'
  const claims = jwt.payload?.members
  if (jwt.wrong.length > 0 || claims === undefined) return [finding(about, 'compact jws', 'OIDC-37', jwt.wrong[0] ?? 'it cannot be read')]
  const verdict = await verifyByAny(jwt, candidates(jwt, expected.keys))
  const now = expected.now / 1000
  const { iss, aud, exp, nonce, at_hash: atHash } = claims
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const found = [
    finding(
      about,
      'signature',
      'OIDC-37',
      verdict === 'good' ? undefined : verdict === 'bad' ? 'no published key made this signature' : 'no published key fits alg and kid',
    ),
    finding(about, 'iss', 'OIDC-37', iss === expected.issuer ? undefined : `iss is ${String(iss)}, expected ${expected.issuer}`),
    finding(about, 'aud', 'OIDC-37', audiences.includes(expected.clientId) ? undefined : `aud does not name ${expected.clientId}`),
    finding(
      about,
      'exp',
      'OIDC-37',
      typeof exp === 'number' && exp > now - 60 ? undefined : 'it is expired, or does not say when it will be',
    ),
  ]
  if (expected.nonce !== undefined)
    found.push(finding(about, 'nonce', 'BCP-31', nonce === expected.nonce ? undefined : 'nonce is not the one of this request'))
  if (expected.accessToken !== undefined && atHash !== undefined) {
    const right = (await atHashSteps(expected.accessToken, textOf(jwt.header.members, 'alg') ?? '')).at(-1)?.text
    found.push(finding(about, 'at_hash', 'OIDC-31', atHash === right ? undefined : 'at_hash is of another access token'))
  }
  return found
}

/** JARM §2.4: an answer as a JWT, before anything in it counts. */
export async function checkJarm(text: string, expected: Omit<ExpectedIdToken, 'nonce' | 'accessToken'>): Promise<readonly Finding[]> {
  const found = await checkIdToken(text, { ...expected, nonce: undefined, accessToken: undefined })
  return found.map((one) => ({ ...one, about: ANSWER, rule: 'JRM-07' }))
}

/** The reason for which the client goes no further. */
export function refusedIn(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ refused }) => refused !== undefined)
}
