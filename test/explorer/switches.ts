import { readFileSync } from 'node:fs'
import type { Patch } from './world.ts'

/** How each check that an attack of the explorer runs into is taken out of the program, and what becomes of the attack then. */
export interface Switch {
  readonly patches: readonly Patch[]
  /** What stands behind it: the check that refuses now, or a receiver that breaks. Undefined: nothing, and the thief gets in. */
  readonly behind?: { readonly about: string; readonly check: string } | 'no answer'
  /** The check is a look at what another place took away: it stays in the list, and passes. */
  readonly passes?: true
}

const root = new URL('../../packages/', import.meta.url)

/** The one line of a table that names the check. */
function row(file: string, name: string): Patch {
  const lines = readFileSync(new URL(file, root), 'utf8')
    .split('\n')
    .filter((line) => line.includes(`{ name: '${name}',`))
  if (lines.length !== 1) throw new Error(`${file} has ${lines.length} rows ${name}`)
  return { file: `packages/${file}`, find: lines[0] ?? '', put: '' }
}

const text = (file: string, find: string, put: string): Patch => ({ file: `packages/${file}`, find, put })

const PROOF = 'proof/dist/dpop-checks.js'
const CODE = 'server/dist/grants/authorization-code.js'
const REFRESH = 'server/dist/tokens/refresh-holder.js'
const TOKEN = 'guard/dist/token-checks.js'
const LOGOUT_TOKEN = 'bff/dist/authorization-server/logout-token.js'
const SHOWN = 'guard/dist/shown-proof.js'

export const SWITCHES: Readonly<Record<string, Switch>> = {
  'authorization request: redirect_uri': {
    patches: [
      text('server/dist/authorization/parse.js', "tell('redirect_uri', 'OA-11', redirectUriOf(form, client))", "form.one('redirect_uri')"),
    ],
  },
  'request_uri: known': {
    patches: [text('server/dist/endpoints/proceed.js', "{ op: 'delete', kind: 'pushed_request', id: pushedRequestId },", '')],
    passes: true,
  },
  'code: PKCE verifier': { patches: [row(CODE, 'PKCE verifier')] },
  'code: redirect_uri': { patches: [row(CODE, 'redirect_uri')] },
  'code: of this client': { patches: [row(CODE, 'of this client')] },
  'code: DPoP key': { patches: [row(CODE, 'DPoP key')] },
  'code: not used before': { patches: [text(CODE, "tell('not used before', 'OA-50', checkUnused(code.value))", 'undefined')] },
  'access token: signature': {
    patches: [
      text(
        'guard/dist/token.js',
        'const forged = witnessed(witness, SIGNATURE, signedBy === undefined ? invalid(NO_KEY_OF_ISSUER) : undefined);',
        'const forged = undefined; signedBy ??= keys[0];',
      ),
    ],
  },
  'access token: alg': { patches: [row(TOKEN, 'alg')], behind: 'no answer' },
  'access token: aud': { patches: [row(TOKEN, 'aud')], behind: { about: 'route', check: 'scope' } },
  'DPoP proof: jti is new': { patches: [text(SHOWN, 'witnessed(witness, NEW_JTI, used) ?? ', '')] },
  'DPoP proof: htu': { patches: [row(PROOF, 'htu')] },
  'DPoP proof: htm': { patches: [row(PROOF, 'htm')] },
  'DPoP proof: ath': { patches: [row(PROOF, 'ath')] },
  'DPoP proof: iat age': { patches: [row(PROOF, 'iat age')], behind: { about: 'DPoP proof', check: 'iat since start' } },
  'DPoP proof: sent': {
    patches: [
      text(
        SHOWN,
        "const missing = witnessed(witness, SENT, headers.length === 0 ? refused('the DPoP header is missing (RFC 9449 §7.1)', 'DPOP-51') : undefined);",
        'const missing = undefined;',
      ),
    ],
    behind: { about: 'DPoP proof', check: 'one header' },
  },
  'binding: not bound under Bearer': {
    patches: [row('guard/dist/confirmation.js', 'not bound under Bearer')],
    behind: { about: 'DPoP proof', check: 'sent' },
  },
  'binding: cnf.jkt': { patches: [text(SHOWN, 'witnessed(witness, BOUND_KEY, stranger) ?? proof', 'proof')] },
  'refresh_token: DPoP key': { patches: [row(REFRESH, 'DPoP key')] },
  'refresh_token: of this client': { patches: [row(REFRESH, 'of this client')] },
  'refresh_token: not used before': {
    patches: [
      text(
        'server/dist/grants/refresh-token.js',
        'witnessed(input.witness, about, current || inGrace ? undefined : usedBefore())',
        'undefined',
      ),
    ],
  },
  'client_assertion: jti is new': {
    patches: [
      text(
        'server/dist/client-authentication/private-key-jwt.js',
        "burn: [{ op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(exp) + AHEAD }]",
        'burn: []',
      ),
    ],
  },
  'client_assertion: aud': { patches: [row('server/dist/client-authentication/private-key-jwt.js', 'aud')] },
  'request object: alg': {
    patches: [row('server/dist/authorization/request-object.js', 'alg')],
    behind: { about: 'request object', check: 'signature' },
  },
  'request object: signature': {
    patches: [
      text(
        'server/dist/authorization/request-object.js',
        "tell('signature', 'JAR-05', await this.#checkSignature(jws, client))",
        'undefined',
      ),
    ],
  },
  'auth_session: DPoP key': {
    patches: [row('server/dist/first-party/auth-session.js', 'DPoP key')],
    behind: { about: 'auth_session', check: 'password' },
  },
  'request: csrf header': {
    patches: [text('bff/dist/csrf.js', "{ name: 'csrf header', rule: 'BFF-32', check: checkHeader }", '')],
    behind: { about: 'request', check: 'Origin' },
  },
  'authorization response: transaction cookie': {
    patches: [
      text(
        'bff/dist/transaction.js',
        `told(request.witness, BEGUN_HERE, found === undefined ? 'this browser has begun no such sign-in' : undefined);
    if (found === undefined)
        return undefined;
    const subject = { transaction: found,`,
        'const subject = { transaction: found ?? {},',
      ),
    ],
    behind: { about: 'authorization response', check: 'state' },
  },
  'logout token: alg': { patches: [row(LOGOUT_TOKEN, 'alg')], behind: { about: 'logout token', check: 'signature' } },
  'logout token: signature': {
    patches: [
      row(LOGOUT_TOKEN, 'signature'),
      text(
        LOGOUT_TOKEN,
        '{ protectedHeader } = await compactVerify(token, keys, { algorithms })',
        "protectedHeader = { typ: 'logout+jwt' }",
      ),
    ],
  },
  'device_code: not used before': { patches: [row('server/dist/grants/poll.js', 'not used before')] },
}
