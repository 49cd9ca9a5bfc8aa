import type { Configuration } from '../config/configuration.ts'

/** A configuration as `loadConfiguration` reads a short one, for what starts it; `over` says what a test is about. */
export function configurationOf(over: Partial<Configuration> = {}): Configuration {
  return {
    issuer: 'http://localhost:4000',
    listen: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    trustedProxies: [],
    mtls: undefined,
    store: { engine: 'memory' },
    memory: { engine: 'store' },
    secrets: [{ id: 'first', value: new Uint8Array(Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', 'base64url')) }],
    clients: [],
    resources: [],
    authorizationDetailsTypes: [],
    accounts: { seed: [], signUp: false },
    authenticationLevels: [],
    secondFactor: 'always',
    profile: 'strong',
    lifetimes: {},
    dpopNonce: 'required',
    requirePushedAuthorizationRequests: false,
    requireSignedRequestObject: false,
    outbound: { allow: [] },
    sessions: {},
    logout: {},
    attestation: undefined,
    trustedIssuers: [],
    development: false,
    explorer: false,
    ...over,
  }
}
