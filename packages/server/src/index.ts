export { addStoredClient, listStoredClients, removeStoredClient } from './admin/clients.ts'
export { type KeyInfo, listSigningKeys, rotateSigningKeys } from './admin/keys.ts'
export { createInitialAccessToken, type NewInitialAccessToken } from './registration/initial-access-token.ts'
export type { DocumentOptions, MachineClientPolicy, RegistrationOptions, StatementIssuer } from './config/registration.ts'
export type { CreateOptions } from './assemble.ts'
export { createServer, type RunningServer } from './create.ts'
export { GRANT_TYPES } from './grants/index.ts'
export type { AuthorizationDetailsType } from './config/authorization-details.ts'
export type { AuthMethod, Client, ClientSecret, Profile, Resource, ScopeDescription, SigningAlgorithm } from './config/client.ts'
export type { Lifetimes, Log, MasterSecret, ServerOptions } from './config/options.ts'
export {
  type Outbound,
  type OutboundGet,
  type OutboundPost,
  type OutboundReason,
  OutboundRefusal,
  type OutboundReply,
} from './config/outbound.ts'
export type {
  Account,
  Accounts,
  AuthenticatorApps,
  NewAuthenticatorApp,
  PasskeyFault,
  PasskeyOptions,
  PasskeyPlace,
  Passkeys,
  PasskeySummary,
  ProvenPasskey,
  SecondFactor,
} from './interaction/accounts.ts'
export { type Records, serverKinds, type ServerStore } from './records.ts'
export { createStoreMemory } from './store-memory.ts'
