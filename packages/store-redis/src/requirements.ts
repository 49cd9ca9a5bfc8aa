import { TRY } from './commit-script.ts'
import { type Ask, AskFault } from './connection.ts'
import { run } from './script.ts'

/** What INFO tells of a server. */
export interface ServerInfo {
  /** New at every start of the server, and another one at another server. */
  readonly runId: string
  /** `appendonly yes`. */
  readonly appendOnly: boolean
}

/**
 * Refuses a server that must not be written to, or that would forget what it was told while it has it.
 *
 * @throws {AskFault}
 */
export async function checkServer(ask: Ask): Promise<ServerInfo> {
  const told = readInfo(String(await ask('INFO')))
  const of = (name: string): string => told.get(name) ?? ''
  const version = of('redis_version')
  if (Number(version.split('.')[0]) < 6) throw refusal(`it is Redis ${version}: 6 is the oldest that may be used`)
  if (of('role') !== 'master') throw refusal('it is a replica: name the server that is written to')
  const policy = of('maxmemory_policy')
  if (policy !== 'noeviction')
    throw refusal(
      `its maxmemory-policy is ${policy || 'unknown'}: it may throw away that something was used, so that it can be used again; set it to noeviction`,
    )
  const runId = of('run_id')
  if (runId === '') throw refusal('INFO does not tell its run_id: without it a restart would go unnoticed')
  return { runId, appendOnly: of('aof_enabled') === '1' }
}

/**
 * The last: Redis 7 that loads a log whose end is torn leaves the beginning of a torn commit in it, and makes half a commit of
 * that at the start after. Without it the server says so and waits for `redis-check-aof --fix`, which takes the commit whole.
 */
const DURABLE: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'aof-load-truncated': 'no',
}

/**
 * Refuses a server that answers before its disk has what it was told: after a crash it would not know what it acknowledged,
 * or know half of it.
 *
 * @throws {AskFault}
 */
export async function checkDurable(ask: Ask): Promise<void> {
  // One pattern for each question: several are for Redis 7.
  const settings = await Promise.all(['*append*', 'aof-load-truncated'].map((pattern) => ask('CONFIG', 'GET', pattern))).catch(
    (fault: unknown) => {
      if (fault instanceof AskFault && fault.what === 'refused')
        throw refusal(`whether its writes are durable cannot be asked (${fault.message}); ${WAY_OUT}`)
      throw fault
    },
  )
  const flat = settings.flat().map(String)
  const wrong = Object.entries(DURABLE).filter(([name, value]) => flat[flat.indexOf(name) + 1] !== value)
  if (wrong.length > 0)
    throw refusal(`its writes are not durable: set ${wrong.map(([name, value]) => `${name} ${value}`).join(', ')}; ${WAY_OUT}`)
}

/**
 * Refuses a user who may do some of what a script does and not all: it would keep what it wrote before it failed, and be half a
 * commit. What else is wrong, such as a full server, is told to who writes: there is something to read all the same.
 *
 * @throws {AskFault}
 */
export async function checkRights(ask: Ask, base: string): Promise<void> {
  try {
    await run(ask, TRY, `${base}try`)
  } catch (fault) {
    if (!(fault instanceof AskFault) || fault.what === 'lost') throw fault
    // Redis 6 and 7 say it in a sentence, Valkey by its code.
    if (/NOPERM|user executing the script/.test(fault.message))
      throw refusal(`the user of the url has not all rights of a store: ${fault.message}`)
  }
}

const WAY_OUT = 'with durable: false a crash may forget the last seconds'

function refusal(message: string): AskFault {
  return new AskFault('refused', message)
}

function readInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  )
}
