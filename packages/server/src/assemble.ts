import { OAuthError } from '@holdfast/protocol/oauth-error'
import { createProcessMemory } from '@holdfast/proof/memory'
import { systemClock } from '@holdfast/protocol/time'
import { aliasUrl, type AuthorizationServer } from './authorization-server.ts'
import { AttestationTrust } from './client-authentication/attestation/trust.ts'
import { ClientDirectory } from './client-authentication/clients.ts'
import { ClientDocuments } from './client-authentication/client-documents.ts'
import { GuessLimit } from './client-authentication/guess-limit.ts'
import { AuthenticationPolicy } from './config/authentication-policy.ts'
import type { Client } from './config/client.ts'
import { compileDetailsTypes } from './config/authorization-details.ts'
import { DEFAULT_LIFETIMES } from './config/lifetimes.ts'
import { heldToPolicy } from './config/machine-client.ts'
import { type MachineContext, nameKey } from './config/machine-metadata.ts'
import type { Log, ServerOptions } from './config/options.ts'
import { registrationOf } from './config/registration.ts'
import { KnownDevices } from './interaction/known-devices.ts'
import { METHODS } from './client-authentication/index.ts'
import { GRANTS } from './grants/index.ts'
import type { RegisteredGrant } from './grants/grant.ts'
import { FirstPartyLimit } from './first-party/client-limit.ts'
import { OneTimeCodeLimit } from './interaction/one-time-code-limit.ts'
import { SignInLimit } from './interaction/sign-in-limit.ts'
import { ClientKeys } from './keys/client-keys.ts'
import { RequestObjects } from './authorization/request-object.ts'
import { AuthorizationResponses } from './response-modes/index.ts'
import { DerivedKeys } from './keys/derived.ts'
import { KeyRing } from './keys/key-ring.ts'
import { Slots } from './outbound/slots.ts'
import { createOutbound } from './outbound/outbound.ts'
import { SectorDocuments } from './client-authentication/sector-documents.ts'
import { Refusals } from './refusals.ts'
import type { Records } from './records.ts'
import { LogoutDeliveries } from './sessions/logout-deliveries.ts'
import { Sessions } from './sessions/session.ts'
import { SessionCookie } from './sessions/session-cookie.ts'
import { AccessTokenReader } from './tokens/access-token.ts'
import { DetailsCatalog } from './tokens/authorization-details.ts'
import { DpopAtServer } from './tokens/dpop.ts'
import { GrantReferences } from './tokens/grant-reference.ts'
import { genuine } from './tokens/refresh-token.ts'
import { readIdTokenHint } from './tokens/id-token-hint.ts'
import { liveStanding } from './tokens/live-token.ts'
import { logoutToken } from './tokens/logout-token.ts'
import { ResourceCatalog } from './tokens/resources.ts'
import { IssuedCounts } from './tokens/issued-counts.ts'
import { TokenSigner } from './tokens/sign.ts'
import { Subjects } from './tokens/subjects.ts'
import { TrustedAssertions } from './tokens/trusted-assertions.ts'

/** @typeParam R the records of the server, and of grants that keep their own */
export interface CreateOptions<R extends Records = Records> extends ServerOptions<R> {
  /** Grant types beside the built-in ones, made by `defineGrant` of `@holdfast/server/grant`. */
  readonly grants?: readonly RegisteredGrant<R>[]
}

const SILENT: Log = { info() {}, warn() {}, error() {} }
/** What strangers can fill is a memory of its own: full, it answers 503 to public clients and to nobody else. */
const UNPROVEN_ENTRIES = 500_000
/** Clients that are told of ended sessions at once: one that hangs holds two of ten. */
const LOGOUTS_AT_ONCE = 10
const LOGOUTS_PER_CLIENT = 2

/** Everything that endpoints work with, from what the operator says. */
export function assemble(options: CreateOptions): AuthorizationServer {
  const { issuer, store, accounts, memory } = options
  const clock = options.clock ?? systemClock
  const log = options.log ?? SILENT
  const lifetimes = { ...DEFAULT_LIFETIMES, ...options.lifetimes }
  const outbound = options.outbound !== undefined && 'get' in options.outbound ? options.outbound : createOutbound(options.outbound)
  const derived = new DerivedKeys(options.secrets)
  const keys = new KeyRing(store, derived, clock)
  const references = new GrantReferences(derived)
  const unproven = createProcessMemory({ clock, maxEntries: UNPROVEN_ENTRIES })
  const clientKeys = new ClientKeys(outbound, clock)
  const dpop = new DpopAtServer(dpopBases(options), options.dpopNonce ?? 'required', derived, memory)
  const resources = new ResourceCatalog(issuer, options.resources, lifetimes.accessToken)
  const authentication = new AuthenticationPolicy(options.authenticationLevels, options.secondFactor)
  const details = new DetailsCatalog(compileDetailsTypes(options.authorizationDetailsTypes ?? []))
  const methods = METHODS.filter((method) => method.available?.(options) ?? true)
  const grants = byType([...GRANTS, ...(options.grants ?? [])])
  const registration = registrationOf(options.registration)
  const machine: MachineContext = {
    policy: registration.policy,
    resources: options.resources,
    grantTypes: [...grants.keys()],
    authorizationDetailsTypes: (options.authorizationDetailsTypes ?? []).map((one) => one.type),
    authMethods: methods.map((method) => method.name),
    reservedNames: new Set(options.clients.map((client) => nameKey(client.clientName))),
  }
  const sectors = new SectorDocuments(outbound, clock)
  const documents = registration.documents.enabled
    ? new ClientDocuments(registration.documents, { ...machine, sectors }, outbound, clock, log)
    : undefined
  const held = options.registration === undefined ? (client: Client) => client : (client: Client) => heldToPolicy(client, machine)
  const clients = new ClientDirectory(store, options.clients, clock, { held, documents })
  const subjects = new Subjects(store, derived)
  const logouts = new LogoutDeliveries({
    store,
    clients,
    outbound,
    clock,
    log,
    slots: new Slots(LOGOUTS_AT_ONCE, LOGOUTS_PER_CLIENT),
    logoutToken: (client, { subject, sid }) =>
      logoutToken(
        { issuer, keys, clientKeys },
        client,
        { sub: subjects.subjectFor(client, subject), sid: subjects.sidFor(client, sid) },
        clock.now(),
      ),
  })
  const thirdPartyFrames = options.sessions?.thirdPartyFrames ?? false
  const accessTokens = new AccessTokenReader(issuer, keys, references, store)
  return {
    issuer,
    origin: new URL(issuer).origin,
    development: options.development ?? false,
    clock,
    log,
    store,
    memory,
    accounts,
    authentication,
    clients,
    registration,
    machine,
    sectors,
    clientKeys,
    outbound,
    unproven,
    guesses: new GuessLimit(unproven),
    signInLimit: new SignInLimit(memory),
    codeLimit: new OneTimeCodeLimit(memory),
    firstPartyLimit: new FirstPartyLimit(memory),
    devices: new KnownDevices(derived, issuer),
    refusals: new Refusals(store, log),
    keys,
    derived,
    dpop,
    attestation: options.attestation === undefined ? undefined : new AttestationTrust(options.attestation, dpop.nonces),
    sessions: new Sessions(store, lifetimes, new SessionCookie(issuer, thirdPartyFrames)),
    logouts,
    endsRefreshTokens: options.logout?.endsRefreshTokens ?? true,
    thirdPartyFrames,
    references,
    accessTokens,
    signer: new TokenSigner(issuer, { ring: keys, derived, references, subjects, clientKeys }),
    subjects,
    issued: new IssuedCounts(store),
    resources,
    lifetimes,
    policy: { issuer, resources, details, lifetimes, refreshKeyId: derived.current('refresh').id },
    sources: {
      store,
      accounts,
      accessTokens: {
        async live(token) {
          const now = clock.now()
          const read = await accessTokens.read(token, now)
          const standing = read instanceof OAuthError ? undefined : await liveStanding({ store, accounts, clients }, read, now)
          return read instanceof OAuthError || standing === undefined ? undefined : { read, ...standing }
        },
      },
      trustedAssertions: new TrustedAssertions(options.trustedIssuers ?? [], clientKeys),
      refreshTokens: { verify: (token, family) => genuine(derived, token, family) },
    },
    requestRules: {
      issuer,
      resources,
      details,
      requirePushed: options.requirePushedAuthorizationRequests ?? false,
      requireSigned: options.requireSignedRequestObject ?? false,
      requestObjects: new RequestObjects(issuer, clock, keys, clientKeys),
      authentication,
      subjects,
      readIdTokenHint: (token) => readIdTokenHint({ issuer, keys, subjects }, token),
    },
    responses: new AuthorizationResponses(issuer, keys, clientKeys, clock),
    mutualTls: options.mutualTls,
    methods,
    grants,
  }
}

/** What `htu` may begin with: the issuer, and the listener for mutual TLS with the same paths (MTLS-36). */
function dpopBases({ issuer, mutualTls }: ServerOptions): readonly [string, ...string[]] {
  const alias = aliasUrl({ issuer, mutualTls }, '')
  return alias === undefined ? [issuer] : [issuer, alias.replace(/\/$/, '')]
}

function byType(grants: readonly RegisteredGrant[]): ReadonlyMap<string, RegisteredGrant> {
  const map = new Map(grants.map((grant) => [grant.type, grant]))
  const twice = grants.find((grant) => map.get(grant.type) !== grant)
  if (twice !== undefined) throw new Error(`grant type ${twice.type} is there twice`)
  return map
}
