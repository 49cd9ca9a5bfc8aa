import type { ConnectionOptions } from 'node:tls'
import { Client, type ClientConfig, DatabaseError, types } from 'pg'
import { StoreUnavailable } from '@holdfast/store'

/** Where the server is. What is missing comes from the variables of libpq (PGHOST, PGUSER, PGPASSWORD …). */
export interface PostgresAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  /** Handed to Node's TLS as it is. */
  readonly ssl?: boolean | ConnectionOptions
}

/** How every connection of one store is made, and how it is called in messages: never with its password. */
export interface Dialing {
  readonly config: ClientConfig
  readonly name: string
  readonly timeoutMilliseconds: number
}

/** Longer than the server's own limit: it fires only when the server's answer is lost. */
const MARGIN = 1000

/** @throws {TypeError} what was given is no address; the message does not repeat it, since it may hold a password */
export function dialing(connection: string | PostgresAddress, timeoutMilliseconds: number): Dialing {
  if (typeof connection === 'string' && !/^postgres(ql)?:\/\//.test(connection)) throw new TypeError(NO_ADDRESS)
  const config: ClientConfig = {
    ...(typeof connection === 'string' ? { connectionString: connection } : connection),
    fallback_application_name: 'holdfast',
    connectionTimeoutMillis: timeoutMilliseconds,
    query_timeout: timeoutMilliseconds + MARGIN,
    keepAlive: true,
    types: { getTypeParser },
  }
  let named: Client
  try {
    named = new Client(config)
  } catch {
    throw new TypeError(NO_ADDRESS)
  }
  const socket = named.host.startsWith('/')
  const host = named.host.includes(':') ? `[${named.host}]` : named.host
  const name = socket
    ? `postgres:///${named.database ?? ''}?host=${named.host}&port=${named.port}`
    : `postgres://${host}:${named.port}/${named.database ?? ''}`
  return { config, name, timeoutMilliseconds }
}

/** Of `pg_type`: a version and an `expires_at` are numbers here; JSON stays text, so that every reader gets a value of its own. */
const [INT8, JSON_TEXT] = [20, 114]

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return Number
  return oid === JSON_TEXT ? String : format === 'binary' ? types.getTypeParser(oid, 'binary') : types.getTypeParser(oid)
}) as typeof types.getTypeParser

const NO_ADDRESS = 'the connection of a PostgreSQL store is an address such as postgres://user:password@host:5432/database'

/**
 * What a session of ours needs, whatever the server's and the role's defaults are. Every statement finds its rows by an index,
 * and its plan is kept: one that was made while a table was empty must not read all of it when it has grown.
 */
const settings = (timeoutMilliseconds: number): string =>
  Object.entries({
    statement_timeout: timeoutMilliseconds,
    lock_timeout: Math.ceil(timeoutMilliseconds / 2),
    idle_in_transaction_session_timeout: timeoutMilliseconds,
    default_transaction_isolation: "'read committed'",
    default_transaction_read_only: 'off',
    client_min_messages: 'warning',
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    enable_bitmapscan: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    jit: 'off',
  })
    .map(([name, value]) => `set ${name} = ${value}`)
    .join('; ')

export async function prepareSession(client: Pick<Client, 'query'>, timeoutMilliseconds: number): Promise<void> {
  await client.query(settings(timeoutMilliseconds))
}

/** A connection of its own. @throws {StoreUnavailable} nothing was asked of the server yet */
export async function dial({ config, name, timeoutMilliseconds }: Dialing): Promise<Client> {
  const client = new Client(config)
  // A connection that breaks while nobody asks anything says so here, and to the next who asks.
  client.on('error', () => {})
  try {
    await client.connect()
    await prepareSession(client, timeoutMilliseconds)
    return client
  } catch (fault) {
    hangUp(client)
    throw new StoreUnavailable(`the store ${name} cannot be reached: ${whatToDo(fault, client)}`)
  }
}

/** Without a word to the server: it may not be there to hear it. */
export function hangUp(client: Client): void {
  client.connection.stream.destroy()
}

/** An idle connection does not keep the process alive, work under way does. */
export function hold(client: Client, busy: boolean): void {
  const { stream } = client.connection as { readonly stream: { ref?(): unknown; unref?(): unknown } }
  if (busy) stream.ref?.()
  else stream.unref?.()
}

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlState(fault: unknown): string | undefined {
  return fault instanceof DatabaseError ? fault.code : undefined
}

export function messageOf(fault: unknown): string {
  const code = sqlState(fault) ?? (fault as NodeJS.ErrnoException | undefined)?.code
  // A host with several addresses that all refuse is one fault without a message of its own.
  const first = fault instanceof AggregateError && fault.message === '' ? (fault.errors[0] as unknown) : fault
  const message = first instanceof Error ? first.message : String(first)
  return code === undefined || message.includes(code) ? message : `${message} (${sqlState(fault) === undefined ? '' : 'SQLSTATE '}${code})`
}

/** The fault and what an operator does about it. */
function whatToDo(fault: unknown, client: Client): string {
  const code = sqlState(fault) ?? (fault as NodeJS.ErrnoException).code ?? ''
  const advice = ADVICE[code] ?? (/timeout/.test(messageOf(fault)) ? 'is there a firewall between, and is the server alive?' : undefined)
  return `${messageOf(fault)}${advice === undefined ? '' : `; ${advice.replace('DATABASE', client.database ?? '')}`}`
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is PostgreSQL running there, and does it listen on that address and port?',
  ENOENT: 'is PostgreSQL running, and is that the folder of its socket?',
  ENOTFOUND: 'no such host: check the name in the url',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  '28P01': 'check user and password in the url',
  '28000': 'pg_hba.conf of the server lets this user, host or plain connection not in',
  '3D000': 'create it first: createdb DATABASE',
  '42501': 'the role needs the right to create tables in the first schema of its search_path',
  '53300': 'the server has no connection left: raise max_connections or run fewer processes',
  '57P03': 'the server is starting or stopping: try again',
}

/** The advice also for what fails while the tables are prepared. */
export function openingFault(fault: unknown, { name }: Dialing, client: Client): StoreUnavailable {
  if (fault instanceof StoreUnavailable) return fault
  return new StoreUnavailable(`the store ${name} cannot be opened: ${whatToDo(fault, client)}`)
}
