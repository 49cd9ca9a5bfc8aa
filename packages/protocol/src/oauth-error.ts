/** The error codes of the standards, grouped by where they are defined. The union is closed: a code that is not here is not sent. */
export type OAuthErrorCode =
  // OAuth 2.1 §3.2.4, RFC 6749 §5.2
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  // OAuth 2.1 §4.1.2.1
  | 'access_denied'
  | 'unsupported_response_type'
  | 'server_error'
  | 'temporarily_unavailable'
  // OpenID Connect Core §3.1.2.6
  | 'interaction_required'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'registration_not_supported'
  // OpenID Connect Unmet Authentication Requirements §1
  | 'unmet_authentication_requirements'
  // RFC 6750 §3.1
  | 'invalid_token'
  | 'insufficient_scope'
  // RFC 9470 §3
  | 'insufficient_user_authentication'
  // RFC 8707 §2
  | 'invalid_target'
  // RFC 7009 §2.2.1
  | 'unsupported_token_type'
  // RFC 9396 §5
  | 'invalid_authorization_details'
  // RFC 8628 §3.5, CIBA Core §11
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  // CIBA Core §13
  | 'expired_login_hint_token'
  | 'unknown_user_id'
  | 'missing_user_code'
  | 'invalid_user_code'
  | 'invalid_binding_message'
  // RFC 7591 §3.2.2
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  // OAuth for First-Party Applications §5.2.2.1
  | 'invalid_session'
  | 'insufficient_authorization'
  | 'redirect_to_web'
  // OAuth Attestation-Based Client Authentication §7.4
  | 'invalid_client_attestation'
  | 'use_attestation_challenge'
  | 'use_fresh_attestation'
  // RFC 9449 §12.2
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

/**
 * A refusal, as a value: it is returned, never thrown. Three audiences read it: the client's program
 * (`code`), the client's developer (`description`) and the operator (`detail`, which never leaves the log).
 */
export class OAuthError {
  readonly code: OAuthErrorCode
  /** Printable ASCII without `"` and `\` (OAuth 2.1 §4.1.2.1), no secrets. */
  readonly description: string
  /** For the operator's log only. */
  readonly detail: string | undefined
  /** The requirement that refused, as in docs/standards, e.g. `DPOP-08`. */
  readonly rule: string | undefined

  constructor(code: OAuthErrorCode, description: string, options: { readonly detail?: string; readonly rule?: string } = {}) {
    this.code = code
    this.description = printable(description)
    this.detail = options.detail
    this.rule = options.rule
  }
}

/** OAuth 2.1 §4.1.2.1: `%x20-21 / %x23-5B / %x5D-7E`. Our § is spelled out; anything else, such as an echoed name, becomes `?`. */
function printable(text: string): string {
  return text
    .replaceAll('§', 'section ')
    .replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 500)
}
