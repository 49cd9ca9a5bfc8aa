import type { TokenKind } from '../paste/kind.ts'
import type { Words } from './parameters.ts'

/** What a claim means in this kind of JWT, where it is another thing than elsewhere. */
export const CLAIMS_BY_KIND: Readonly<Partial<Record<TokenKind, Words>>> = {
  'DPoP proof': {
    iat: ['When it was made. A proof is good for seconds only.', 'RFC 9449 §4.2'],
    jti: ['Its own name. The receiver remembers it, so that the proof counts once.', 'RFC 9449 §4.2'],
    nonce: ['The value that this receiver handed out in DPoP-Nonce: so the proof was not made ahead.', 'RFC 9449 §8'],
  },
  'access token': {
    iss: ['The server that issued the token. The API trusts the keys of this one.', 'RFC 9068 §2.2'],
    sub: ['For whom the client acts: the person, or the client itself.', 'RFC 9068 §2.2'],
    aud: ['The API that the token is for. Another API must refuse it.', 'RFC 9068 §2.2'],
    exp: ['Until when the API takes it, in seconds since 1970. Then the client needs a new one.', 'RFC 9068 §2.2'],
    iat: ['When the server issued it.', 'RFC 9068 §2.2.1'],
    jti: ['The token’s own name, to find it again in logs or to take it back. The token is used many times under it.', 'RFC 9068 §2.2'],
  },
  'ID token': {
    iss: ['The server that the person signed in at. The client compares it.', 'OpenID Connect Core §2'],
    sub: ['Who signed in: a name that never changes and says nothing.', 'OpenID Connect Core §2'],
    aud: ['The client that it is for. Another client, or an API, must refuse it.', 'OpenID Connect Core §2'],
    exp: ['Until when the client may take it. It says nothing of how long she stays signed in.', 'OpenID Connect Core §2'],
    iat: ['When the server issued it.', 'OpenID Connect Core §2'],
    nonce: ['The random value of the client’s request: the token answers this request and no other.', 'OpenID Connect Core §2'],
  },
  'client assertion': {
    iss: ['The client: it says this of itself.', 'RFC 7523 §3'],
    sub: ['The client too: that is who it proves to be.', 'RFC 7523 §3'],
    aud: ['The authorization server. At another server it is no good.', 'RFC 7523 §3'],
    exp: ['Until when it is good: a minute or so.', 'RFC 7523 §3'],
    iat: ['When the client made it.', 'RFC 7523 §3'],
    jti: ['Its own name. The server remembers it, so that it counts once.', 'RFC 7523 §3'],
  },
  'request object': {
    iss: ['The client that asks.', 'RFC 9101 §4'],
    aud: ['The authorization server that it asks.', 'RFC 9101 §4'],
    exp: ['Until when the server takes the request.', 'RFC 9101 §4'],
    iat: ['When the client made it.', 'RFC 9101 §4'],
    jti: ['Its own name.', 'RFC 9101 §4'],
    nonce: [
      'A random value that the server writes into the ID token, which ties the token to this request.',
      'OpenID Connect Core §3.1.2.1',
    ],
  },
  'logout token': {
    iss: ['The server at which she signed out.', 'OpenID Connect Back-Channel Logout §2.4'],
    sub: ['Who signed out.', 'OpenID Connect Back-Channel Logout §2.4'],
    aud: ['The client that is told.', 'OpenID Connect Back-Channel Logout §2.4'],
    exp: ['Until when the client takes the notice.', 'OpenID Connect Back-Channel Logout §2.4'],
    iat: ['When the server made it.', 'OpenID Connect Back-Channel Logout §2.4'],
    jti: ['Its own name. The client remembers it, so that the notice counts once.', 'OpenID Connect Back-Channel Logout §2.4'],
  },
}
