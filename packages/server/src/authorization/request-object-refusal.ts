import { OAuthError } from '@holdfast/protocol/oauth-error'

export function invalidRequestObject(description: string, rule: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request_object', description, { rule, ...(detail === undefined ? {} : { detail }) })
}
