/** All that a grant of your own is made of; the built-in ones are made of the same. */
export type { Client, MayAct, TokenExchangePolicy } from '../config/client.ts'
export type { TrustedIssuer } from '../config/trusted-issuers.ts'
export { OPENID_SCOPES } from '../config/openid-scopes.ts'
export { event, type EventType } from '../events.ts'
export type { Account } from '../interaction/accounts.ts'
export type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
export {
  type AuthorizationCodeRecord,
  type BackchannelRequestRecord,
  type DeviceRequestRecord,
  type GrantRecord,
  type PolledRequest,
  type Records,
  type RefreshFamilyRecord,
  type ServerChange,
  serverKinds,
} from '../records.ts'
export { type DetailsCatalog, detailsFault, detailsFor, narrowed, parseDetails, requestedDetails } from '../tokens/authorization-details.ts'
export { askedClaims } from '../tokens/claims.ts'
export { checkPresenter, type ExchangedToken, unusableToken } from '../tokens/exchange-presenter.ts'
export { exchangeReach, type ExchangeReach } from '../tokens/exchange-reach.ts'
export type { Actor, Authentication, Issuance } from '../tokens/issuance.ts'
export { accessToken, entitledScopes } from '../tokens/issue.ts'
export type { CountedTokens } from '../tokens/issued-counts.ts'
export { endOf, familyFor, mayHaveRefreshToken, type NewFamily, rotates } from '../tokens/refresh-family.ts'
export { checkRefreshHolder, type ShownRefreshToken, unknownRefreshToken } from '../tokens/refresh-holder.ts'
export { parseRefreshToken, type RefreshToken } from '../tokens/refresh-token.ts'
export type { ResourceCatalog, Target } from '../tokens/resources.ts'
export type { Confirmation, SenderConstraint } from '../tokens/sender-constraint.ts'
export type { ReadAccessToken } from '../tokens/read-access-token.ts'
export type { LiveToken, Policy, Sources } from '../tokens/sources.ts'
export { type Artefact, firstTokens, type TokenParams } from './first-tokens.ts'
export { answerPoll, type Poll, polledRequest } from './poll.ts'
export { polledGrant } from './polled.ts'
export { type Ambient, type DecideInput, type Decision, defineGrant, type Grant, refuse, type RegisteredGrant } from './grant.ts'
