import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { resolve } from 'node:path'
import { totpSecretFault } from '@holdfast/accounts'
import { clientAddressBehind } from '@holdfast/mount/node'
import { type Fault, readAllowedTarget, unsafeOptionsOf } from '@holdfast/server/config'
import type { Configuration, SeedAccount } from './configuration.ts'
import { MEMORY_ADDRESS } from './memory-shape.ts'
import type { WrittenConfiguration } from './schema.ts'

/** Told a fault: where, and what is allowed. */
export type Tell = (path: string, message: string) => void

export function readTls(tls: WrittenConfiguration['tls'], directory: string, tell: Tell, at = 'tls'): Configuration['tls'] {
  if (tls === undefined) return undefined
  const certificate = pemOf(tls.certificate, directory, `${at}.certificate`, tell)
  const key = pemOf(tls.key, directory, `${at}.key`, tell)
  if (certificate === undefined || key === undefined) return undefined
  try {
    createSecureContext({ cert: certificate, key })
  } catch (error) {
    tell(at, `has a certificate and a key that do not go together: ${(error as NodeJS.ErrnoException).code ?? 'not PEM'}`)
  }
  return { certificate, key }
}

export function pemOf(text: string, directory: string, path: string, tell: Tell): string | undefined {
  if (text.includes('-----BEGIN ')) return text
  const name = text.replace(/^file:/, '')
  try {
    const pem = readFileSync(resolve(directory, name), 'utf8')
    if (pem.includes('-----BEGIN ')) return pem
    tell(path, `names ${name}, which holds no PEM`)
  } catch (error) {
    // Text that is neither PEM nor a file may be a key with its lines lost: it is not repeated.
    tell(
      path,
      name.length < 256 && !name.includes('\n') && !path.endsWith('.key')
        ? `names ${name}, which cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`
        : 'is neither PEM nor the path of a file that can be read',
    )
  }
  return undefined
}

export function readStore(store: WrittenConfiguration['store'], directory: string, tell: Tell): Configuration['store'] {
  if (store.engine === 'postgres') return readPostgres(store, tell)
  if (store.url !== undefined)
    tell('store.url', `is for the engine postgres; ${store.engine === 'memory' ? 'memory keeps nothing' : 'sqlite has store.path'}`)
  if (store.engine === 'memory') {
    if (store.path !== undefined) tell('store.path', 'is for the engine sqlite; memory keeps nothing')
    return { engine: 'memory' }
  }
  if (store.path === ':memory:' || store.path?.startsWith('file:') === true)
    tell('store.path', 'must be the path of a file; for a store in memory set store.engine to memory')
  return { engine: 'sqlite', path: resolve(directory, store.path ?? 'data/holdfast.db') }
}

/** The address is never repeated: it holds a password. */
function readPostgres({ url, path }: WrittenConfiguration['store'], tell: Tell): Configuration['store'] {
  if (path !== undefined) tell('store.path', 'is for the engine sqlite; postgres has store.url')
  const allowed = 'postgres://user:password@host:5432/database'
  if (url === undefined) tell('store.url', `is missing; the engine postgres needs an address such as ${allowed}, or env:NAME that holds it`)
  else if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) tell('store.url', `must be an address such as ${allowed}`)
  return { engine: 'postgres', url: url ?? '' }
}

/** The address is never repeated: it holds a password. */
export function readMemory({ engine, url, prefix = 'holdfast' }: WrittenConfiguration['memory'], tell: Tell): Configuration['memory'] {
  if (engine === 'store') {
    if (url !== undefined) tell('memory.url', 'is for the engine redis; store needs none')
    return { engine }
  }
  if (url === undefined) tell('memory.url', `is missing; the engine redis needs ${MEMORY_ADDRESS}, or env:NAME that holds it`)
  else if (!/^(rediss?|unix):\/\//.test(url) || !URL.canParse(url)) tell('memory.url', `must be ${MEMORY_ADDRESS}`)
  return { engine, url: url ?? '', prefix }
}

/** @returns nothing: the list stays as it is written */
export function checkTrustedProxies(entries: readonly string[], tell: Tell, at = 'trustedProxies'): void {
  for (const [index, entry] of entries.entries()) {
    try {
      clientAddressBehind([entry])
    } catch {
      tell(`${at}[${index}]`, 'must be an address, a range such as 10.0.0.0/8, or unix')
    }
  }
}

export function checkOutbound(allow: readonly string[], tell: Tell): void {
  for (const [index, entry] of allow.entries()) {
    const read = readAllowedTarget(entry)
    if (typeof read === 'string') tell(`outbound.allow[${index}]`, read)
  }
}

export function checkSeed(seed: readonly SeedAccount[], tell: Tell): void {
  // People do not mind the case of their name when they sign in, so two cases of one name are one person.
  const names = seed.map(({ username }) => username.normalize('NFKC').trim().toLowerCase())
  for (const [index, { claims = {}, totpSecret }] of seed.entries()) {
    const before = names.indexOf(names[index] as string)
    if (before !== index) tell(`accounts.seed[${index}].username`, `is the same as that of accounts.seed[${before}]`)
    const wrongSecret = totpSecret === undefined ? undefined : totpSecretFault(totpSecret)
    if (wrongSecret !== undefined) tell(`accounts.seed[${index}].totpSecret`, wrongSecret.message)
    if ('sub' in claims) tell(`accounts.seed[${index}].claims.sub`, 'must be absent: the server names people itself')
  }
}

/** What is allowed but worth a look, in words for the operator. */
export function warningsOf(configuration: Configuration): readonly string[] {
  const { issuer, listen, tls, trustedProxies, store, clients, development } = configuration
  const https = issuer.startsWith('https:')
  const everybody = !['127.0.0.1', '::1', 'localhost'].includes(listen.host)
  return [
    ...(https && tls === undefined && everybody && trustedProxies.length === 0
      ? [
          `listen.host ${listen.host} is reachable by others over plain HTTP, and no trustedProxies are named: set tls, or listen on 127.0.0.1 behind a proxy`,
        ]
      : []),
    ...(!https && everybody
      ? [`listen.host ${listen.host} is reachable by others, but the issuer ${issuer} is for this machine only`]
      : []),
    ...(https && development ? ['development is on: people see explanations that are meant for developers'] : []),
    ...(store.engine === 'memory' ? ['store.engine memory forgets everything when the process ends'] : []),
    ...clients.flatMap((client) => unsafeOptionsOf(client).map((option) => `client ${client.clientId} has ${option}`)),
  ]
}

/** A fault names what set the value, when that is not the file that one would look into first. */
export function withOrigins(
  faults: readonly Fault[],
  origins: ReadonlyMap<string, { readonly kind: string; readonly name: string }>,
): readonly Fault[] {
  return faults.map((fault) => {
    const [, origin] =
      [...origins].findLast(([path]) => fault.path === path || fault.path.startsWith(`${path}.`) || fault.path.startsWith(`${path}[`)) ?? []
    return origin === undefined || origin.kind === 'file' || fault.message.includes(origin.name)
      ? fault
      : { path: fault.path, message: `${fault.message} (set by ${origin.name})` }
  })
}
