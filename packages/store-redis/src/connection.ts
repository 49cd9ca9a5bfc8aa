import { Redis } from 'ioredis'
import type { Address } from './address.ts'

/** What a command answers, as far as we use it: text, numbers, nothing, and lists of these. */
export type Reply = string | number | null | readonly Reply[]
export type Argument = string | number
export type Ask = (command: string, ...args: readonly Argument[]) => Promise<Reply>

/**
 * Why there is no answer. `unreachable`: nothing was sent. `refused`: the server said why it did nothing. `lost`: it was
 * sent, and whether it was done is not known.
 */
export class AskFault extends Error {
  override readonly name = 'AskFault'
  readonly what: 'unreachable' | 'refused' | 'lost'
  /** The first word of an error reply, such as `OOM` or `READONLY`. */
  readonly code: string | undefined

  constructor(what: AskFault['what'], message: string, code?: string) {
    super(message)
    this.what = what
    this.code = code
  }
}

/** A server that says so is not, or not now, the one to talk to: the next question looks for it again. */
const ELSEWHERE: ReadonlySet<string | undefined> = new Set(['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'MOVED', 'NOAUTH'])
/** Questions that wait for an answer. Beyond it the server is not slow but stuck, and memory is not where to find out. */
const MOST_WAITING = 20_000

export interface ConnectionOptions {
  readonly address: Address
  readonly timeoutMilliseconds: number
  /** Asked of every new connection before anything else: is this a server that may be used? */
  readonly prepare: (ask: Ask) => Promise<void>
}

/**
 * One connection, made when somebody asks and made again when it was lost: by the next who asks, never by a timer, so that
 * nothing waits in a queue for a server that may never come back. The only module that knows the library.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #asking = new Set<Promise<unknown>>()
  #client: Redis | undefined
  #dialing: Promise<Redis> | undefined
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.address.name
  }

  /** @throws {AskFault} */
  ask(command: string, ...args: readonly Argument[]): Promise<Reply> {
    return this.use((ask) => ask(command, ...args))
  }

  /** Several questions that belong together: the connection is closed after the last answer. @throws {AskFault} */
  use<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new AskFault('unreachable', 'it is closed'))
    if (this.#asking.size >= MOST_WAITING)
      return Promise.reject(new AskFault('unreachable', `${MOST_WAITING} questions wait for the server already`))
    const asking = this.#use(work)
    this.#asking.add(asking)
    const done = (): void => {
      this.#asking.delete(asking)
      if (this.#asking.size === 0 && this.#client !== undefined) hold(this.#client, false)
    }
    asking.then(done, done)
    return asking
  }

  /** Waits for the answers to what was asked. */
  async close(): Promise<void> {
    this.#closed = true
    // Idle connections keep no process alive, and who waits for their end has not ended yet.
    const alive = setInterval(() => {}, 1000)
    await Promise.allSettled(this.#asking)
    clearInterval(alive)
    this.#drop(this.#client)
  }

  async #use<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const client =
      this.#client?.status === 'ready' ? this.#client : await (this.#dialing ??= this.#dial().finally(() => (this.#dialing = undefined)))
    hold(client, true)
    return await work((command, ...args) => this.#call(client, command, args))
  }

  async #call(client: Redis, command: string, args: readonly Argument[]): Promise<Reply> {
    try {
      return (await client.call(command, ...args)) as Reply
    } catch (fault) {
      const { name, message } = fault as Error
      if (name !== 'ReplyError') {
        this.#drop(client)
        throw new AskFault('lost', `the connection was lost meanwhile: ${message}`)
      }
      const code = /^[A-Z]+\b/.exec(message)?.[0]
      if (ELSEWHERE.has(code)) this.#drop(client)
      throw new AskFault('refused', message, code)
    }
  }

  async #dial(): Promise<Redis> {
    const { address, timeoutMilliseconds, prepare } = this.#options
    this.#drop(this.#client)
    const { host, port, path, username, password, database, tls } = address
    const client = new Redis({
      ...(path === undefined ? { host: host ?? '', port: port ?? 0 } : { path }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
      // RESP2: HELLO is not allowed everywhere, and we need nothing of RESP3.
      protocol: 2,
      connectionName: 'holdfast',
      disableClientInfo: true,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: null,
      enableAutoPipelining: true,
      connectTimeout: timeoutMilliseconds,
      commandTimeout: timeoutMilliseconds,
      maxLoadingRetryTime: timeoutMilliseconds,
    })
    let last: Error | undefined
    // A connection that breaks while nobody asks anything says so here, and to the next who asks.
    client.on('error', (fault: Error) => (last = fault))
    client.on('end', () => this.#drop(client))
    try {
      await client.connect()
      hold(client, true)
      const ask: Ask = (command, ...args) => this.#call(client, command, args)
      // The library goes on in database 0 when it may not select another one: in the records of somebody else.
      if (database !== 0) await ask('SELECT', database)
      await prepare(ask)
      this.#client = client
      return client
    } catch (fault) {
      client.disconnect()
      throw new AskFault('unreachable', whatToDo(fault instanceof AskFault ? fault : (last ?? (fault as Error)), timeoutMilliseconds))
    }
  }

  #drop(client: Redis | undefined): void {
    // Each of many questions on it finds out that it is lost. One that is still dialled is ended where it is dialled.
    if (client === undefined || this.#client !== client) return
    this.#client = undefined
    client.disconnect()
  }
}

/** An idle connection does not keep the process alive, work under way does. */
function hold(client: Redis, busy: boolean): void {
  const { stream } = client as { readonly stream?: { ref?(): unknown; unref?(): unknown } | undefined }
  if (busy) stream?.ref?.()
  else stream?.unref?.()
}

/** The fault and what an operator does about it. */
function whatToDo(fault: Error, timeoutMilliseconds: number): string {
  // A host with several addresses that all refuse is one fault without a message of its own.
  const first = fault instanceof AggregateError && fault.message === '' ? (fault.errors[0] as Error) : fault
  const code = (first as NodeJS.ErrnoException).code ?? /^[A-Z]+\b/.exec(first.message)?.[0] ?? ''
  const silent = /ETIMEDOUT|timed out|Connection is closed/.test(first.message)
  const advice =
    ADVICE[code] ?? (silent ? `no answer in ${timeoutMilliseconds} ms: is there a firewall between, does it want TLS?` : undefined)
  return advice === undefined ? first.message : `${first.message}; ${advice}`
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is Redis running there, and does it listen on that address and port?',
  ENOENT: 'is Redis running, and is that its socket?',
  EACCES: 'may this user open the socket?',
  ENOTFOUND: 'no such host: check the name in the url',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  WRONGPASS: 'check user and password in the url',
  NOAUTH: 'the server wants a password: put it into the url',
  NOPERM: 'the user of the url may not use this command: see its ACL',
  LOADING: 'the server reads its data: try again',
  MOVED: 'another node of the Cluster has the keys of this prefix',
}
