/** The most bytes of a form that is read. A larger one is refused before anything is parsed. */
export const MAX_FORM_BYTES: number = 64 * 1024
/** The most parameters of one form. */
export const MAX_PARAMETERS = 64

/** Lengths in characters after decoding. A parameter that is not here has `DEFAULT_LIMIT`. */
const LIMITS: Readonly<Record<string, number>> = {
  actor_token: 8192,
  assertion: 8192,
  auth_req_id: 256,
  auth_session: 256,
  authorization_details: 8192,
  claims: 4096,
  client_assertion: 8192,
  client_id: 512,
  client_secret: 512,
  code: 256,
  code_challenge: 128,
  code_challenge_method: 16,
  code_verifier: 128,
  device_code: 256,
  dpop_jkt: 43,
  grant_type: 128,
  id_token_hint: 8192,
  nonce: 512,
  otp: 64,
  passkey: 8192,
  password: 1024,
  redirect_uri: 2048,
  refresh_token: 512,
  request: 32768,
  request_uri: 512,
  resource: 1024,
  response_mode: 32,
  response_type: 64,
  scope: 2048,
  state: 4096,
  subject_token: 8192,
  token: 8192,
  user_code: 64,
  username: 256,
}
const DEFAULT_LIMIT = 1024

/** The most characters that a parameter may have. */
export function limitOf(parameter: string): number {
  return Object.hasOwn(LIMITS, parameter) ? (LIMITS[parameter] as number) : DEFAULT_LIMIT
}
