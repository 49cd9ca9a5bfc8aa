import type { Reply } from '@holdfast/protocol/http'
import { appendQuery, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { seeOther } from './see-other.ts'

/** Multiple Response Types §2.1: in the query of the redirect URI, beside what it has (OA-16). */
export function query(redirectUri: ValidRedirectUri, parameters: Readonly<Record<string, string>>, headers: Reply['headers']): Reply {
  return seeOther(appendQuery(redirectUri, parameters), headers)
}
