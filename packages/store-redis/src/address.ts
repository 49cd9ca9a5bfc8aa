import type { ConnectionOptions } from 'node:tls'

/** Where the server is and how it is called in messages: never with its password. */
export interface Address {
  readonly name: string
  readonly host?: string
  readonly port?: number
  /** Of a Unix socket. */
  readonly path?: string
  readonly username?: string
  readonly password?: string
  readonly database: number
  readonly tls?: ConnectionOptions
}

const NO_ADDRESS =
  'the url of Redis is an address such as redis://user:password@host:6379/0, rediss://… for TLS, or unix:///run/redis/redis.sock'
const NO_PREFIX = 'the prefix must be 1 to 64 letters, digits, ".", "_" or "-"'

/** @throws {TypeError} what was given is no address; the message does not repeat it, since it may hold a password */
export function addressOf(url: string, tls: ConnectionOptions | undefined): Address {
  if (typeof url !== 'string' || !/^(rediss?|unix):\/\//.test(url) || !URL.canParse(url)) throw new TypeError(NO_ADDRESS)
  const { protocol, hostname, port, pathname, username, password } = new URL(url)
  const login = {
    ...(username !== '' && { username: decoded(username) }),
    ...(password !== '' && { password: decoded(password) }),
  }
  if (protocol === 'unix:') {
    if (hostname !== '' || pathname.length < 2) throw new TypeError(NO_ADDRESS)
    const path = decoded(pathname)
    return { name: `unix://${path}`, path, database: 0, ...login }
  }
  const database = /^\/?(\d{0,5})$/.exec(pathname)?.[1]
  if (hostname === '' || database === undefined) throw new TypeError(NO_ADDRESS)
  const secure = protocol === 'rediss:'
  return {
    name: `${protocol}//${hostname}:${port || '6379'}/${Number(database)}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || '6379'),
    database: Number(database),
    ...login,
    ...(secure && { tls: tls ?? {} }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TypeError(NO_ADDRESS)
  }
}

/**
 * What all keys of one installation begin with. In braces it is a hash tag: Redis Cluster keeps all of them in one slot, as a
 * script that touches several of them needs.
 */
export function keyBase(prefix: string): string {
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(prefix)) throw new TypeError(NO_PREFIX)
  return `{${prefix}}:`
}
