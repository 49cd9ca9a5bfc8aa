/** The quick starts of docs/guard.md for frameworks that are installed here alone: compiled, started, and asked three times. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { build } from 'vite'
import { cache } from './build.mjs'

const ISSUER = 'https://login.example'
const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const key = generateKeyPair('ES256')

const EXAMPLES = {
  trpc: async ({ api }) => ({ ask: api, target: '/trpc/orders', owner: (body) => body.result.data.owner }),
  graphql: async ({ api }) => ({ ask: api, target: '/graphql?query=%7Bowner%7D', owner: (body) => body.data.owner }),
  'next-proxy': async ({ proxy }) => ({ ask: proxy, target: '/orders', owner: undefined }),
  nest: inNest,
}

/** @returns {Promise<string[]>} what was wrong with them */
export async function faultsOfExamples() {
  execFileSync(process.execPath, [path('../node_modules/typescript/bin/tsc'), '-p', path('tsconfig.json')], { stdio: 'inherit' })
  process.env.HANDOVER_SECRET = Buffer.alloc(32, 5).toString('base64url')
  const real = globalThis.fetch
  globalThis.fetch = async (url, init) => (String(url).startsWith(ISSUER) ? issuer(String(url)) : real(url, init))
  try {
    const faults = []
    for (const [name, open] of Object.entries(EXAMPLES)) faults.push(...(await faultsOf(name, open)).map((fault) => `${name}: ${fault}`))
    return faults
  } finally {
    globalThis.fetch = real
  }
}

const issuer = (url) => Response.json(url.endsWith('/jwks') ? { keys: [key.publicJwk] } : { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` })

function token(scope) {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    aud: 'https://api.example/orders',
    sub: 'u_ada',
    client_id: 'web',
    jti: 'j',
    iat: now,
    exp: now + 60,
    scope,
  }
  return signJws({ typ: 'at+jwt', alg: 'ES256' }, claims, key.privateKey)
}

async function faultsOf(name, open) {
  const outDir = fileURLToPath(new URL('examples/', cache))
  await build({
    root: path('.'),
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: path(`examples/${name}.ts`),
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  const { ask, target, owner, close } = await open(await import(new URL(`examples/${name}.mjs`, cache)))
  const asked = (authorization) =>
    ask(new Request(`https://api.example${target}`, { headers: authorization === undefined ? {} : { authorization } }))
  try {
    const [good, bare, poor] = [
      await asked(`Bearer ${token('orders:read')}`),
      await asked(),
      await asked(`Bearer ${token('orders:write')}`),
    ]
    const faults = []
    if (good.status !== 200) faults.push(`a good token is answered ${good.status}: ${await good.text()}`)
    else if (owner !== undefined && owner(await good.json()) !== 'u_ada') faults.push('the route was not told who asks')
    else if (owner === undefined && good.headers.get('x-middleware-request-holdfast-access') === null)
      faults.push('nothing was handed over')
    if (bare.status !== 401 || !bare.headers.get('www-authenticate')?.includes('DPoP '))
      faults.push(`nothing shown is answered ${bare.status}`)
    if (poor.status !== 403) faults.push(`a scope that is lacking is answered ${poor.status}`)
    return faults
  } finally {
    await close?.()
  }
}

async function inNest({ Orders }) {
  await import('reflect-metadata')
  const { Module } = await import('@nestjs/common')
  const { NestFactory } = await import('@nestjs/core')
  class Root {}
  Module({ controllers: [Orders] })(Root)
  const app = await NestFactory.create(Root, { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address()
  return {
    ask: ({ headers }) => fetch(`http://127.0.0.1:${port}/orders`, { headers: [...headers, ['connection', 'close']] }),
    target: '/orders',
    owner: (body) => body.owner,
    close: () => app.close(),
  }
}
