import { attestationChallenge, attestationMetadata, hasChallenges } from './attestation-challenge.ts'
import { authorization } from './authorization.ts'
import { authorizeChallenge } from './authorize-challenge.ts'
import { discovery } from './discovery.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { answerInteraction, showInteraction } from './interaction.ts'
import { jwks } from './jwks.ts'
import { pushedAuthorization } from './pushed-authorization.ts'
import { revocation } from './revocation.ts'
import { stylesheet } from './stylesheet.ts'
import { token } from './token.ts'
import { userinfo } from './userinfo.ts'

/** Every endpoint: a new one is a file and a row here. */
export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/authorize', methods: { GET: authorization, POST: authorization }, cors: 'never', metadata: 'authorization_endpoint' },
  { path: '/par', methods: { POST: pushedAuthorization }, cors: 'any', metadata: 'pushed_authorization_request_endpoint' },
  // An app's own, never a page's: no origin may read it (FIPA-06), and no person does.
  {
    path: '/authorize-challenge',
    methods: { POST: authorizeChallenge },
    cors: 'never',
    page: false,
    metadata: 'authorization_challenge_endpoint',
  },
  { path: '/token', methods: { POST: token }, cors: 'any', metadata: 'token_endpoint', announces: attestationMetadata },
  {
    path: '/attestation-challenge',
    methods: { POST: attestationChallenge },
    cors: 'any',
    metadata: 'challenge_endpoint',
    when: hasChallenges,
  },
  { path: '/userinfo', methods: { GET: userinfo, POST: userinfo }, cors: 'any', metadata: 'userinfo_endpoint' },
  { path: '/revoke', methods: { POST: revocation }, cors: 'any', metadata: 'revocation_endpoint' },
  { path: '/jwks', methods: { GET: jwks }, cors: 'any', metadata: 'jwks_uri' },
  { path: '/interaction/*', methods: { GET: showInteraction, POST: answerInteraction }, cors: 'never', metadata: undefined },
  { path: '/assets/*', methods: { GET: stylesheet }, cors: 'never', metadata: undefined },
]

export const DISCOVERY: Answer = discovery(() => ENDPOINTS)
