/** The arrows of the design, as data: who may import whom. To move something, change a row here and say why in docs/decisions/. */

export interface PackageRule {
  /** Workspace packages it may import. */
  readonly packages: readonly string[]
  /** Libraries it may import; `undefined`: what its package.json lists. */
  readonly libraries?: readonly string[]
}

const ENGINE: PackageRule = { packages: ['protocol', 'store'] }
const PRODUCT = [
  'protocol',
  'proof',
  'store',
  'store-sqlite',
  'store-postgres',
  'store-redis',
  'mount',
  'guard',
  'bff',
  'server',
  'accounts',
]
/** Stands outside the product and sees what any user of the packages sees. */
const OUTSIDE: PackageRule = { packages: [...PRODUCT, 'holdfast', 'testing'] }

export const PACKAGES: Readonly<Record<string, PackageRule>> = {
  protocol: { packages: [], libraries: [] },
  proof: { packages: ['protocol'], libraries: [] },
  // The contract suite is exported, and runs in the test runner of whoever writes an engine.
  store: { packages: ['protocol'], libraries: ['vitest'] },
  'store-sqlite': ENGINE,
  'store-postgres': ENGINE,
  'store-redis': { packages: ['protocol', 'store', 'proof'] },
  mount: { packages: ['protocol'], libraries: ['express', 'fastify', 'hono', 'next'] },
  guard: { packages: ['protocol', 'proof'], libraries: [] },
  bff: { packages: ['protocol', 'proof', 'store'], libraries: ['oauth4webapi', 'jose'] },
  server: { packages: ['protocol', 'proof', 'store'], libraries: ['zod', 'ajv', 'jose', 'preact', 'preact-render-to-string', 'uqr'] },
  accounts: { packages: ['protocol', 'store', 'server'] },
  testing: { packages: ['protocol', 'mount'] },
  // It serves the explorer's files, and knows what they are told.
  holdfast: { packages: [...PRODUCT, 'explorer'] },
  // Writes files; the applications it writes are no part of this workspace.
  'create-holdfast': { packages: [], libraries: ['@clack/prompts'] },
  console: OUTSIDE,
  // Its engine runs in the page and in the back end of an example; the rest of the product is there for its tests.
  explorer: { packages: ['protocol'], libraries: ['preact', 'vite'] },
  examples: { packages: [...OUTSIDE.packages, 'explorer'] },
  bench: OUTSIDE,
  attacks: OUTSIDE,
  interop: OUTSIDE,
  runtimes: OUTSIDE,
}

/** Nothing imports these. */
export const LEAVES: readonly string[] = ['examples', 'bench', 'attacks', 'interop', 'runtimes', 'console', 'create-holdfast']

const GROUND = ['config', 'records.ts', 'events.ts', 'refusals.ts']
const INNER = ['interaction/accounts.ts', 'authorization/request.ts', ...GROUND, 'outbound', 'keys', 'sessions', 'tokens']
const BESIDE_GRANTS = ['registration', 'authorization', 'client-authentication', 'interaction', 'first-party', 'response-modes']

/**
 * Inside the server: a section (a folder, or one file of its own standing) and the sections that it may import, beside itself.
 * protocol ◄ store ◄ tokens ◄ grants ◄ endpoints; client-authentication, authorization and interaction stand beside grants.
 */
export const SERVER: Readonly<Record<string, readonly string[]>> = {
  // The ports and words that records and configuration are written in.
  'interaction/accounts.ts': [],
  'authorization/claims-request.ts': [],
  'authorization/request.ts': ['authorization/claims-request.ts'],
  records: ['authorization/request.ts', 'interaction/accounts.ts'],
  'records.ts': ['config', 'authorization/request.ts', 'authorization/claims-request.ts', 'records'],
  config: ['interaction/accounts.ts', 'records.ts'],
  'events.ts': ['config', 'records.ts'],
  'refusals.ts': ['config', 'records.ts', 'events.ts'],
  'store-memory.ts': ['records.ts'],
  outbound: ['config'],
  keys: [...GROUND, 'outbound'],
  sessions: [...GROUND, 'keys'],
  tokens: [...GROUND, 'interaction/accounts.ts', 'keys', 'sessions'],
  authorization: [...INNER, 'authorization/claims-request.ts'],
  'client-authentication': [...INNER],
  // `form_post` is a page.
  'response-modes': [...INNER, 'authorization', 'pages'],
  pages: [],
  interaction: [...INNER, 'authorization', 'pages'],
  registration: [...INNER],
  'first-party': [...INNER, 'authorization', 'client-authentication', 'interaction'],
  grants: [...INNER, 'client-authentication'],
  'authorization-server.ts': [...INNER, ...BESIDE_GRANTS, 'grants'],
  endpoints: [...INNER, ...BESIDE_GRANTS, 'grants', 'pages', 'authorization-server.ts'],
  admin: [...INNER, 'registration', 'authorization-server.ts'],
  'assemble.ts': [...INNER, ...BESIDE_GRANTS, 'grants', 'pages', 'authorization-server.ts'],
  'router.ts': [...INNER, 'authorization-server.ts', 'endpoints'],
  'create.ts': [...INNER, ...BESIDE_GRANTS, 'grants', 'pages', 'authorization-server.ts', 'endpoints', 'admin', 'assemble.ts', 'router.ts'],
  'index.ts': [
    ...INNER,
    ...BESIDE_GRANTS,
    'grants',
    'pages',
    'authorization-server.ts',
    'endpoints',
    'admin',
    'assemble.ts',
    'create.ts',
    'store-memory.ts',
  ],
}

/** What a grant is made of: what a stranger's grant imports as `@holdfast/server/grant`. A built-in one that needs more shows that the seam is wrong. */
export const OPEN_TO_GRANTS: readonly string[] = ['grants/open.ts']

/** A library that has its place: elsewhere in the package it would be on a request's path, or a second renderer. */
export const PLACES: Readonly<Record<string, readonly string[]>> = {
  zod: ['packages/server/src/config/', 'packages/server/src/admin/', 'packages/holdfast/'],
  // Compiles the operator's schemas at the start; a request meets plain functions.
  ajv: ['packages/server/src/config/'],
  preact: ['packages/server/src/pages/'],
  'preact-render-to-string': ['packages/server/src/pages/'],
  // A QR code on the page of an authenticator app, drawn here: its secret must not reach an image service.
  uqr: ['packages/server/src/pages/'],
}

/** Modules by which a program reaches the world outside its process; crypto is none of them. */
export const IO_MODULES: readonly string[] = [
  'fs',
  'net',
  'http',
  'https',
  'http2',
  'tls',
  'dns',
  'dgram',
  'child_process',
  'worker_threads',
  'cluster',
  'sqlite',
]
export const CORE: readonly string[] = ['protocol', 'proof', 'store', 'server', 'accounts', 'guard', 'bff']
export const IO_PLACES: readonly string[] = ['packages/server/src/outbound/', 'packages/server/src/keys/']

/** What runs without Node: WebCrypto, fetch and nothing else. */
export const WEB_ENTRIES: readonly string[] = [
  'packages/proof/src/web.ts',
  'packages/guard/src/web.ts',
  'packages/mount/src/fetch.ts',
  'packages/explorer/src/index.ts',
]

/** Names that say nothing about the domain. */
export const EMPTY_NAMES: readonly string[] = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'service', 'services']

export const LONGEST_FILE = 300
export const MEDIAN_FILE = 120
