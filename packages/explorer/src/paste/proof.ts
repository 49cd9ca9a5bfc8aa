import { canonicalJwk } from '../dissect/thumbprint.ts'
import { takeApart, type TakenApart } from '../dissect/jwt.ts'
import { hashText, isMembers, type Members, textOf } from '../encoding.ts'
import { bad, good, type Judged, type PasteOptions, unchecked } from './check.ts'

/** What a proof says of its request (RFC 9449 §4.3), beside signature and time. */
export async function proofChecks(jwt: TakenApart, claims: Members, options: PasteOptions): Promise<readonly Judged[]> {
  return [
    typeof claims['jti'] === 'string'
      ? unchecked('jti', 'Whether jti was used before only the receiver knows.')
      : bad('jti', 'jti is missing.'),
    methodCheck(claims['htm'], options.method),
    urlCheck(claims['htu'], options.url),
    ...(await tokenChecks(jwt, claims['ath'], options.token)),
    ...nonceCheck(claims['nonce'], options.nonce),
  ]
}

function methodCheck(htm: unknown, method: string | undefined): Judged {
  if (typeof htm !== 'string') return bad('htm', 'htm is missing.')
  if (method === undefined) return unchecked('htm', `htm is ${htm}; nobody said for which request.`)
  if (htm === method) return good('htm', `htm is ${htm}, as the request.`)
  const letters = htm.toUpperCase() === method.toUpperCase() ? ' Its letters must be the same too.' : ''
  return bad('htm', `htm is ${htm}, and the request is ${method}.${letters}`)
}

function urlCheck(htu: unknown, url: string | undefined): Judged {
  if (typeof htu !== 'string') return bad('htu', 'htu is missing.')
  if (!URL.canParse(htu)) return bad('htu', 'htu is no absolute URL.')
  if (url === undefined) return unchecked('htu', `htu is ${htu}; nobody said for which request.`)
  if (!URL.canParse(url)) return unchecked('htu', 'The request’s address is no absolute URL.')
  const difference = urlDifference(new URL(htu), new URL(url))
  return difference === undefined
    ? good('htu', 'htu is the address of the request.')
    : bad('htu', `htu has another ${difference} than the request.`)
}

/** The first thing that differs, for a sentence. Query and fragment do not count. */
function urlDifference(htu: URL, request: URL): string | undefined {
  const parts = [
    ['scheme', htu.protocol, request.protocol],
    ['host', htu.hostname, request.hostname],
    ['port', portOf(htu), portOf(request)],
    ['path', unreserved(htu.pathname), unreserved(request.pathname)],
  ] as const
  const [name, theirs, ours] = parts.find(([, a, b]) => a !== b) ?? []
  if (name === undefined || theirs === undefined || ours === undefined) return undefined
  const slash = name === 'path' && theirs.replace(/\/$/, '') === ours.replace(/\/$/, '') ? ', by the slash at the end,' : ''
  return `${name} (${theirs.replace(/:$/, '')})${slash}`
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port
}

/** RFC 3986 §6.2.2: what may be written as itself is the same when it is not. */
function unreserved(path: string): string {
  return path.replaceAll(/%[0-9A-Fa-f]{2}/g, (code) => {
    const sign = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(sign) ? sign : code.toUpperCase()
  })
}

async function tokenChecks(jwt: TakenApart, ath: unknown, token: string | undefined): Promise<readonly Judged[]> {
  if (token === undefined)
    return [
      ath === undefined
        ? unchecked('ath', 'ath is not there: this proof is for the server, not for an API.')
        : unchecked('ath', 'Nobody said with which access token.'),
    ]
  if (ath === undefined) return [bad('ath', 'ath is missing: at an API a proof names its access token.')]
  const right = await hashText(token)
  return [
    ath === right ? good('ath', 'ath is of this access token.') : bad('ath', 'ath is of another access token.'),
    ...(await keyCheck(jwt, token)),
  ]
}

/** Whether the proof’s key is the one that the token is bound to. */
async function keyCheck(jwt: TakenApart, token: string): Promise<readonly Judged[]> {
  const cnf = takeApart(token).payload?.members?.['cnf']
  const jkt = isMembers(cnf) ? textOf(cnf, 'jkt') : undefined
  const jwk = jwt.header.members?.['jwk']
  const canonical = isMembers(jwk) ? canonicalJwk(jwk) : undefined
  if (jkt === undefined) return [unchecked('key', 'The token does not say which key it is bound to: it is opaque, or not bound.')]
  const mine = canonical === undefined ? undefined : await hashText(canonical)
  return [mine === jkt ? good('key', 'The token is bound to this key.') : bad('key', 'The token is bound to another key (cnf.jkt).')]
}

function nonceCheck(nonce: unknown, handedOut: string | undefined): readonly Judged[] {
  if (handedOut === undefined) return []
  if (nonce === handedOut) return [good('nonce', 'nonce is the one that was handed out.')]
  return [bad('nonce', nonce === undefined ? 'nonce is missing: the server handed one out.' : 'nonce is not the one that was handed out.')]
}
