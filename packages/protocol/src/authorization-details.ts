/** Plain JSON, as it came over the wire. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json }

/** One object of `authorization_details` (RFC 9396 §2): what its members mean is told by its type. */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: Json
}
