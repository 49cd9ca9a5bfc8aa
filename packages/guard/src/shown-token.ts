import { type Credentials, readCredentials } from '@holdfast/protocol/credentials'
import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { witnessed } from '@holdfast/protocol/witness'

const IN_QUERY = /(?:^|&)access_token=/

const SENT_ONCE = { about: 'request', check: 'Authorization once', rule: 'DPOP-55' }
const ONE_TOKEN68 = { about: 'request', check: 'token68', rule: 'OA-65' }
const NOT_IN_QUERY = { about: 'request', check: 'no token in query', rule: 'OA-68' }

/** @returns undefined where nothing is shown */
export function readShown(request: HttpRequest): Credentials | OAuthError | undefined {
  const read = readCredentials(request.headers('authorization'))
  if (read === undefined) return undefined
  const { witness } = request
  const fault = read instanceof OAuthError ? read : undefined
  const refusal =
    witnessed(witness, SENT_ONCE, fault?.rule === SENT_ONCE.rule ? fault : undefined) ??
    witnessed(witness, ONE_TOKEN68, fault) ??
    witnessed(witness, NOT_IN_QUERY, checkOneToken(request))
  return refusal ?? read
}

/** OA-68: a token in the header and another in the URL, which lands in logs and histories. Which of them counts is not guessed. */
function checkOneToken({ query }: HttpRequest): OAuthError | undefined {
  return query !== '' && IN_QUERY.test(query)
    ? new OAuthError('invalid_request', 'access_token is in the query too: send one token, in Authorization (OAuth 2.1 §5.1)', {
        rule: 'OA-68',
      })
    : undefined
}

/** Why a request counts as one without a token (OA-66, MCP-39): the client is not told, the operator is. */
export function absent(request: HttpRequest): string {
  const [authorization] = request.headers('authorization')
  if (authorization !== undefined) return 'Authorization has another scheme than Bearer or DPoP'
  if (IN_QUERY.test(request.query)) return 'the token is in the query, where it is not looked at: it belongs in Authorization'
  return 'no token was shown in Authorization'
}
