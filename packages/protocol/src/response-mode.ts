/** How an answer reaches the client's redirect URI (OAuth 2.0 Multiple Response Types §2.1, Form Post §2, JARM §2.3). */
export type ResponseMode = 'query' | 'fragment' | 'form_post' | 'query.jwt' | 'fragment.jwt' | 'form_post.jwt' | 'jwt'

export const RESPONSE_MODES: readonly [ResponseMode, ...ResponseMode[]] = [
  'query',
  'fragment',
  'form_post',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
  'jwt',
]
