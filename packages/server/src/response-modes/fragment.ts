import type { Reply } from '@holdfast/protocol/http'
import { type ValidRedirectUri, withFragment } from '@holdfast/protocol/redirect-uri'
import { seeOther } from './see-other.ts'

/** Multiple Response Types §2.1: in the fragment, which the browser keeps from the client's server and its logs. */
export function fragment(redirectUri: ValidRedirectUri, parameters: Readonly<Record<string, string>>, headers: Reply['headers']): Reply {
  return seeOther(withFragment(redirectUri, parameters), headers)
}
