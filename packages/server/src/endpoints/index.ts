import { revokeAccountApplication } from './account-applications.ts'
import { confirmAuthenticatorApp, showAuthenticatorApp } from './account-authenticator-app.ts'
import { changeFactors, showFactors } from './account-factors.ts'
import { addPasskey, showAddPasskey } from './account-passkey.ts'
import { endAccountSessions } from './account-sessions.ts'
import { showAccount } from './account.ts'
import { attestationChallenge, attestationMetadata, hasChallenges } from './attestation-challenge.ts'
import { assets } from './assets.ts'
import { authorization } from './authorization.ts'
import { answerApproval, showApprovals } from './approve.ts'
import { backchannelAuthentication, backchannelMetadata } from './backchannel-authentication.ts'
import { decideDevice } from './device-decision.ts'
import { deviceAuthorization } from './device-authorization.ts'
import { enterUserCode, showDevice } from './device.ts'
import { announcesPushing, announcesRequestsAndResponses } from './authorization-metadata.ts'
import { authorizeChallenge } from './authorize-challenge.ts'
import { announcesLogout, checkSession, hasCheckSession } from './check-session.ts'
import { discovery } from './discovery.ts'
import { confirmEndSession, endSession } from './end-session.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { answerInteraction, showInteraction } from './interaction.ts'
import { announcesIntrospection, introspection } from './introspection.ts'
import { jwks } from './jwks.ts'
import { pushedAuthorization } from './pushed-authorization.ts'
import { registration, registrationOn } from './registration.ts'
import { readRegistration, removeRegistration, updateRegistration } from './registration-management.ts'
import { revocation } from './revocation.ts'
import { showSignIn } from './sign-in.ts'
import { token } from './token.ts'
import { userinfo } from './userinfo.ts'

/** Every endpoint: a new one is a file and a row here. */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    path: '/authorize',
    methods: { GET: authorization, POST: authorization },
    cors: 'never',
    metadata: 'authorization_endpoint',
    announces: announcesRequestsAndResponses,
  },
  {
    path: '/par',
    methods: { POST: pushedAuthorization },
    cors: 'any',
    metadata: 'pushed_authorization_request_endpoint',
    announces: announcesPushing,
  },
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
  { path: '/device_authorization', methods: { POST: deviceAuthorization }, cors: 'any', metadata: 'device_authorization_endpoint' },
  {
    path: '/backchannel_authentication',
    methods: { POST: backchannelAuthentication },
    cors: 'any',
    metadata: 'backchannel_authentication_endpoint',
    announces: backchannelMetadata,
  },
  { path: '/userinfo', methods: { GET: userinfo, POST: userinfo }, cors: 'any', metadata: 'userinfo_endpoint' },
  { path: '/revoke', methods: { POST: revocation }, cors: 'any', metadata: 'revocation_endpoint' },
  {
    path: '/introspect',
    methods: { POST: introspection },
    cors: 'none',
    metadata: 'introspection_endpoint',
    announces: announcesIntrospection,
  },
  { path: '/register', methods: { POST: registration }, cors: 'any', metadata: 'registration_endpoint', when: registrationOn },
  {
    path: '/register/*',
    methods: { GET: readRegistration, PUT: updateRegistration, DELETE: removeRegistration },
    cors: 'any',
    metadata: undefined,
    when: registrationOn,
  },
  { path: '/jwks', methods: { GET: jwks }, cors: 'any', metadata: 'jwks_uri' },
  { path: '/interaction/*', methods: { GET: showInteraction, POST: answerInteraction }, cors: 'never', metadata: undefined },
  { path: '/sign-in/*', methods: { GET: showSignIn }, cors: 'never', metadata: undefined },
  { path: '/approve', methods: { GET: showApprovals, POST: answerApproval }, cors: 'never', metadata: undefined },
  { path: '/device', methods: { GET: showDevice, POST: enterUserCode }, cors: 'never', metadata: undefined },
  { path: '/device/decision', methods: { POST: decideDevice }, cors: 'never', metadata: undefined },
  {
    path: '/end-session',
    methods: { GET: endSession, POST: endSession },
    cors: 'never',
    metadata: 'end_session_endpoint',
    announces: announcesLogout,
  },
  { path: '/end-session/confirm', methods: { POST: confirmEndSession }, cors: 'never', metadata: undefined },
  { path: '/check-session', methods: { GET: checkSession }, cors: 'never', metadata: 'check_session_iframe', when: hasCheckSession },
  { path: '/account', methods: { GET: showAccount }, cors: 'never', metadata: undefined },
  { path: '/account/sessions', methods: { POST: endAccountSessions }, cors: 'never', metadata: undefined },
  { path: '/account/applications', methods: { POST: revokeAccountApplication }, cors: 'never', metadata: undefined },
  { path: '/account/factors', methods: { GET: showFactors, POST: changeFactors }, cors: 'never', metadata: undefined },
  {
    path: '/account/authenticator-app',
    methods: { GET: showAuthenticatorApp, POST: confirmAuthenticatorApp },
    cors: 'never',
    metadata: undefined,
  },
  { path: '/account/passkey', methods: { GET: showAddPasskey, POST: addPasskey }, cors: 'never', metadata: undefined },
  { path: '/assets/*', methods: { GET: assets }, cors: 'never', metadata: undefined },
]

export const DISCOVERY: Answer = discovery(() => ENDPOINTS)
