import { pathFault } from '@holdfast/protocol/forwarding'
import { json, type Reply } from '@holdfast/protocol/http'
import type { Route } from './routes.ts'

const QUERY = /^[\x21\x22\x24-\x7e]*$/
/**
 * Where a request goes: below the route's upstream, whoever decodes the path how often on the way (BFF-41). What one
 * program takes for a name and another for a way up is refused, not cleaned: the answer says which rule it broke.
 *
 * @param rest the path after that of the route, as it came
 */
export function targetOf({ origin, base }: Route, rest: string, query: string): URL | Reply {
  const fault = rest === '' ? undefined : pathFault(rest)
  if (fault !== undefined) return refused(fault)
  if (!QUERY.test(query)) return refused('the query has a character that must be percent-encoded')
  const expected = base + rest || '/'
  const url = URL.parse(`${origin}${expected}${query === '' ? '' : `?${query}`}`)
  // After all rules: what the parser of URLs reads otherwise than we do does not leave the house.
  if (url === null || url.origin !== origin || url.pathname !== expected || url.username !== '' || url.hash !== '')
    return refused('the path is not read the same by all programs')
  return url
}

function refused(description: string): Reply {
  return json(400, { error: 'invalid_request', error_description: description, rule: 'BFF-41' })
}
