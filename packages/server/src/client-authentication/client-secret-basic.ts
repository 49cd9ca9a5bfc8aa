import { OAuthError } from '@holdfast/protocol/oauth-error'
import { singleHeader } from '@holdfast/protocol/http'
import { tellerOf } from '@holdfast/protocol/witness'
import type { ClientAuthenticationMethod, Presented } from './method.ts'
import { checkSecret } from './client-secret.ts'

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i

/** OAuth 2.1 §2.4.1: both halves are form-encoded before they are joined and base64-encoded (CAUTH-13). */
export const clientSecretBasic: ClientAuthenticationMethod = {
  name: 'client_secret_basic',
  spec: 'OAuth 2.1 §2.4.1',
  present(request) {
    const header = singleHeader(request, 'authorization')
    return header === undefined ? undefined : tellerOf('client', request.witness)('Authorization header', 'CAUTH-16', read(header))
  },
}

function read(header: string | { readonly repeated: true }): Presented | OAuthError {
  if (typeof header !== 'string') return new OAuthError('invalid_request', 'Authorization is sent more than once', { rule: 'OA-46' })
  // Another scheme, such as a token shown here by mistake, is no client authentication and is refused, not skipped.
  const encoded = BASIC.exec(header)?.[1]
  if (encoded === undefined || header.length > 2048) return malformed()
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0) return malformed()
  const clientId = decode(text.slice(0, colon))
  const raw = text.slice(colon + 1)
  const secret = decode(raw)
  if (clientId === undefined || raw === '') return malformed()
  // Clients that skip the encoding are common: the raw text is tried too when it reads otherwise (CAUTH-14).
  const readings = secret === undefined || secret === raw ? [raw] : [secret, raw]
  return { clientId, verify: (client, context) => checkSecret(readings, client, context) }
}

function malformed(): OAuthError {
  return new OAuthError('invalid_client', 'Authorization must be Basic with base64 of client_id:client_secret (OAuth 2.1 §2.4.1)', {
    rule: 'CAUTH-16',
  })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
