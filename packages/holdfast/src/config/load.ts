import { GRANT_TYPES } from '@holdfast/server'
import { resolve } from 'node:path'
import {
  attestationFaults,
  attestationOf,
  checkIssuer,
  checkAuthenticationLevels,
  checkLifetimes,
  type Fault,
  isRecord,
  OPENID_SCOPES,
  readAuthorizationDetailsTypes,
  readClients,
  readResources,
  readShape,
  trustedIssuerFaults,
  trustedIssuerOf,
} from '@holdfast/server/config'
import type { Configuration, Loaded } from './configuration.ts'
import { gather, type LoadOptions } from './gather.ts'
import { checkCertificateClients, readMutualTls } from './mutual-tls.ts'
import { checkRegistration } from './registration.ts'
import { configurationNode, configurationShell, type WrittenConfiguration } from './schema.ts'
import { type ReadSecrets, secretsFromEnvironment, secretsFromFile } from './secrets.ts'
import { checkOutbound, checkSeed, checkTrustedProxies, readMemory, readStore, readTls, type Tell, warningsOf } from './sections.ts'
import type { Environment } from './sources.ts'
import type { Tree } from './tree.ts'

/** Reads the configuration of the server from all its sources. Never throws for what an operator wrote: every fault is in the answer. */
export function loadConfiguration(from: LoadOptions): Promise<Loaded> {
  const names = { prefix: 'HOLDFAST', stem: 'holdfast.config', hint: 'holdfast init writes one' }
  return gather({ root: configurationNode(), ...names, read: readAll, warningsOf }, from)
}

interface ReadAll {
  readonly configuration: Configuration
  readonly faults: readonly Fault[]
  readonly warnings: readonly string[]
}

/** Every section is read, also beside a faulty one, so that an operator sees all faults at once. */
function readAll(tree: Tree, directory: string, environment: Environment): ReadAll {
  const shaped = readShape(configurationShell, tree, '')
  const faults: Fault[] = [...shaped.faults]
  const tell: Tell = (path, message) => void faults.push({ path, message })
  const written = completed(shaped.value)
  const issuerFault = shaped.faulty.has('issuer') ? undefined : checkIssuer(written.issuer)
  if (issuerFault !== undefined) tell('issuer', issuerFault)
  faults.push(...checkLifetimes(written.lifetimes))
  checkTrustedProxies(written.trustedProxies, tell)
  checkSeed(written.accounts.seed, tell)
  checkOutbound(written.outbound.allow, tell)
  faults.push(...checkAuthenticationLevels(written.authenticationLevels, 'authenticationLevels'))
  const resources = readResources(written.resources, {
    issuer: written.issuer,
    ...(written.lifetimes.accessToken !== undefined && { accessTokenLifetime: written.lifetimes.accessToken }),
  })
  faults.push(...resources.faults)
  const types = readAuthorizationDetailsTypes(written.authorizationDetailsTypes)
  faults.push(...types.faults)
  const clients = readClients(written.clients, {
    profile: written.profile,
    grantTypes: GRANT_TYPES,
    resources: resources.value ?? namedResources(written.resources),
    authorizationDetailsTypes: namedTypes(written.authorizationDetailsTypes),
  })
  faults.push(...clients.faults)
  const known = (resources.value ?? namedResources(written.resources)).flatMap((one) => one.scopes.map((scope) => scope.name))
  checkRegistration(written.registration, [...OPENID_SCOPES, ...known], tell)
  const secrets = shaped.faulty.has('secrets')
    ? { secrets: [], faults: [], warnings: [] }
    : readSecrets(written.secrets, directory, environment)
  faults.push(...secrets.faults)
  const { issuer, listen, trustedProxies, accounts, profile, lifetimes, dpopNonce, outbound, development } = written
  const { attestation, registration, trustedIssuers, authenticationLevels, secondFactor, sessions, logout } = written
  faults.push(
    ...trustedIssuerFaults(trustedIssuers, {
      issuer: written.issuer,
      scopes: (resources.value ?? []).flatMap((one) => one.scopes.map((scope) => scope.name)),
    }),
  )
  if (attestation !== undefined) faults.push(...attestationFaults(attestation))
  else
    for (const [index, { tokenEndpointAuthMethod: method }] of (clients.value ?? []).entries())
      if (method.startsWith('attest_jwt_client_auth'))
        tell(`clients[${index}].token_endpoint_auth_method`, `is ${method}, which needs attestation.attesters: nobody is trusted to attest`)
  const { requirePushedAuthorizationRequests, requireSignedRequestObject } = written
  const tls = readTls(written.tls, directory, tell)
  const mtls = readMutualTls(written.mtls, written.issuer, directory, tell)
  if (written.mtls === undefined || mtls !== undefined) checkCertificateClients(clients.value ?? [], mtls, tell)
  const store = readStore(written.store, directory, tell)
  const memory = readMemory(written.memory, tell)
  const configuration = {
    issuer,
    listen,
    tls,
    trustedProxies,
    mtls,
    store,
    memory,
    secrets: secrets.secrets,
    clients: clients.value ?? [],
    resources: resources.value ?? [],
    authorizationDetailsTypes: types.value ?? [],
    accounts,
    authenticationLevels,
    secondFactor,
    profile,
    lifetimes,
    dpopNonce,
    outbound,
    ...(registration !== undefined && { registration }),
    attestation: attestation === undefined ? undefined : attestationOf(attestation),
    trustedIssuers: trustedIssuers.map(trustedIssuerOf),
    sessions,
    logout,
    requirePushedAuthorizationRequests,
    requireSignedRequestObject,
    development,
    explorer: written.explorer ?? development,
  }
  return { configuration, faults, warnings: secrets.warnings }
}

/** The members that have the right shape, and defaults for the rest, so that the rules can go on. */
function completed(value: Partial<WrittenConfiguration>): WrittenConfiguration {
  return configurationShell.parse({ ...value, issuer: value.issuer ?? 'https://issuer.invalid' })
}

function readSecrets({ file, env }: WrittenConfiguration['secrets'], directory: string, environment: Environment): ReadSecrets {
  if (file !== undefined && env !== undefined)
    return { secrets: [], faults: [{ path: 'secrets', message: 'has file and env; keep one of the two' }], warnings: [] }
  return env === undefined
    ? secretsFromFile(resolve(directory, file ?? 'holdfast.secrets.json'))
    : secretsFromEnvironment(env, environment[env])
}

/** With a fault among the resources a client's scopes are compared with what can be read, lest each be called unknown. */
function namedResources(list: readonly unknown[]): Configuration['resources'] {
  return list.flatMap((one) => readResources([one], { issuer: '' }).value ?? [])
}

/** The same for types: one with a faulty schema is there all the same. */
function namedTypes(list: readonly unknown[]): readonly string[] {
  return list.flatMap((one) => (isRecord(one) && typeof one['type'] === 'string' ? [one['type']] : []))
}
