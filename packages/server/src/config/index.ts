/** Everything about configuration that a program outside the server works with. */
export {
  type AttestationOptions,
  attestationFaults,
  attestationOf,
  attestationShape,
  type Attester,
  type WrittenAttestation,
} from './attestation.ts'
export { AUTHENTICATION_METHODS, type AuthenticationLevel, checkAuthenticationLevels } from './authentication-levels.ts'
export type { SecondFactorPolicy } from './authentication-policy.ts'
export {
  type AuthorizationDetailsType,
  type AuthorizationDetailsTypeMetadata,
  authorizationDetailsTypeMetadata,
  readAuthorizationDetailsTypes,
} from './authorization-details.ts'
export type { AuthMethod, Client, ClientSecret, Profile, Resource, ScopeDescription, SigningAlgorithm } from './client.ts'
export { type AvailableProfile, type ClientMetadata, clientMetadata } from './client-metadata.ts'
export { type Fault, nearest, pathOf, type Read, readOf, unknownName } from './fault.ts'
export { checkIssuer } from './issuer.ts'
export {
  type TrustedIssuer,
  trustedIssuerFaults,
  trustedIssuerOf,
  trustedIssuerShape,
  type WrittenTrustedIssuer,
} from './trusted-issuers.ts'
export { checkLifetimes, DEFAULT_LIFETIMES, type LifetimeRule, LIFETIMES } from './lifetimes.ts'
export type { Lifetimes, Log, LogoutOptions, MasterSecret, MutualTls, ServerOptions, SessionOptions } from './options.ts'
export type { DocumentOptions, MachineClientPolicy, RegistrationOptions, StatementIssuer } from './registration.ts'
export { type ClientContext, readClient, readClients } from './read-client.ts'
export { OPENID_SCOPES } from './openid-scopes.ts'
export { readAllowedTarget } from './outbound.ts'
export { readResources, type ResourceContext, type ResourceMetadata, resourceMetadata } from './resources.ts'
export { unsafeOptionsOf } from './unsafe.ts'
export { underFapi } from './profile.ts'
export { allowedBy, isRecord, readShape, schemaNode, type SchemaNode, type Shaped } from './shape.ts'
