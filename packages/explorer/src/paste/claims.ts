import type { TakenApart } from '../dissect/jwt.ts'
import { isMembers, type Members } from '../encoding.ts'
import { bad, good, type Judged, type PasteOptions, unchecked } from './check.ts'
import { type TokenKind, typOf, TYPES } from './kind.ts'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export function typeCheck(jwt: TakenApart, kind: TokenKind): readonly Judged[] {
  const wanted = TYPES[kind]
  if (wanted.length === 0) return []
  const typ = typOf(jwt)
  const shown = jwt.header.members?.['typ']
  if (wanted.includes(typ) && (typ !== undefined || shown === undefined))
    return [good('typ', typ === undefined ? 'typ is not there, as it may be.' : `typ is ${typ}.`)]
  return [bad('typ', `typ is ${told(shown)}, expected ${wanted[0] ?? 'another'}.`)]
}

/** The times, in whole seconds as JWTs have them. A proof is not judged by `exp`, which it need not have. */
export function timeChecks(claims: Members, kind: TokenKind, { now }: PasteOptions): readonly Judged[] {
  const { exp, nbf, iat } = claims
  const seconds = Math.floor(now / 1000)
  const checks: Judged[] = []
  for (const [name, value] of Object.entries({ exp, nbf, iat }))
    if (value !== undefined && !Number.isFinite(value))
      checks.push(bad(name, `${name} is ${JSON.stringify(value)}, expected a number of seconds since 1970.`))
  if (typeof exp === 'number' && Number.isFinite(exp))
    checks.push(exp <= seconds ? bad('exp', `exp is past by ${seconds - exp} s.`) : good('exp', `It is good for ${exp - seconds} s more.`))
  else if (exp === undefined && kind !== 'DPoP proof') checks.push(bad('exp', 'exp is missing: it would be good for ever.'))
  if (typeof nbf === 'number' && nbf > seconds) checks.push(bad('nbf', `nbf is ${nbf - seconds} s ahead: it is not good yet.`))
  if (typeof iat === 'number' && iat > seconds + 10)
    checks.push(bad('iat', `iat is ${iat - seconds} s ahead of this clock: one of the clocks is off.`))
  else if (kind === 'DPoP proof' && iat === undefined) checks.push(bad('iat', 'iat is missing.'))
  else if (kind === 'DPoP proof' && typeof iat === 'number')
    checks.push(
      seconds - iat > 60
        ? bad('iat', `iat is ${seconds - iat} s old: Holdfast takes proofs of the last 60 s, and others do alike.`)
        : good('iat', `It was made ${Math.max(seconds - iat, 0)} s ago.`),
    )
  return checks
}

/** Those that must say who made them and for whom. */
const PARTIES: ReadonlySet<TokenKind> = new Set(['access token', 'ID token', 'logout token', 'client assertion'])

export function partyChecks(claims: Members, kind: TokenKind, { issuer, audience }: PasteOptions): readonly Judged[] {
  const { iss, aud } = claims
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : aud === undefined ? [] : [aud]
  const named = audiences.map(String).join(', ')
  return [
    issuer === undefined
      ? iss === undefined && PARTIES.has(kind)
        ? bad('iss', 'iss is missing.')
        : unchecked('iss', `iss is ${told(iss)}; nobody said whose it should be.`)
      : iss === issuer
        ? good('iss', `iss is ${issuer}.`)
        : bad('iss', `iss is ${told(iss)}, expected ${issuer}.`),
    audience === undefined
      ? named === '' && PARTIES.has(kind)
        ? bad('aud', 'aud is missing: it would be good anywhere.')
        : unchecked('aud', `aud is ${named === '' ? 'missing' : named}; nobody said whom it should be for.`)
      : audiences.includes(audience)
        ? good('aud', `aud names ${audience}.`)
        : bad('aud', `aud is ${named === '' ? 'missing' : named}, expected ${audience}.`),
  ]
}

/** What a kind must have beside that, or must not (OpenID Connect Back-Channel Logout §2.4 and §2.6, RFC 9068 §2.2). */
export function kindChecks(claims: Members, kind: TokenKind, { nonce }: PasteOptions): readonly Judged[] {
  const missing = (...names: readonly string[]): readonly Judged[] =>
    names.flatMap((name) => {
      const value = claims[name]
      if (value === undefined) return [bad(name, `${name} is missing.`)]
      // Times are looked at with the others.
      return typeof value === 'string' || name === 'iat' ? [] : [bad(name, `${name} is ${JSON.stringify(value)}, expected a text.`)]
    })
  if (kind === 'logout token') {
    const { events, sid, sub } = claims
    return [
      isMembers(events) && isMembers(events[LOGOUT_EVENT])
        ? good('events', 'events says that somebody signed out.')
        : bad('events', `events does not have ${LOGOUT_EVENT}.`),
      ...(sid === undefined && sub === undefined
        ? [bad('sub', 'Neither sub nor sid is there: it says of nobody that she signed out.')]
        : []),
      ...(claims['nonce'] === undefined
        ? []
        : [bad('nonce', 'nonce must not be there: this might be an ID token that passes as a logout token.')]),
      ...missing('jti', 'iat'),
    ]
  }
  if (kind === 'access token') return missing('sub', 'client_id', 'jti', 'iat')
  if (kind === 'client assertion')
    return [...missing('jti'), ...(claims['iss'] === claims['sub'] ? [] : [bad('sub', 'iss and sub must both be the client’s id.')])]
  if (kind === 'request object' && claims['sub'] !== undefined && claims['sub'] === claims['iss'])
    return [bad('sub', 'sub is the client itself: this could be used to prove who the client is. Leave sub out.')]
  if (kind !== 'ID token') return []
  const wrongNonce = nonce !== undefined && claims['nonce'] !== nonce
  return [...missing('sub', 'iat'), ...(wrongNonce ? [bad('nonce', 'nonce is not the one of the request.')] : [])]
}

function told(value: unknown): string {
  return value === undefined ? 'missing' : typeof value === 'string' ? value : JSON.stringify(value)
}
