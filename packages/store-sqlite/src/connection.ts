import { DatabaseSync } from 'node:sqlite'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BUSY = 5
const IOERR = 10

function resultCode(fault: unknown): number | undefined {
  const code = (fault as { readonly errcode?: unknown }).errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

export function isBusy(fault: unknown): boolean {
  return resultCode(fault) === BUSY
}

/** A disk that fails while it is told to keep the commit may have kept it. */
export function mayHaveCommitted(fault: unknown): boolean {
  return resultCode(fault) === IOERR
}

export function messageOf(fault: unknown): string {
  const code = (fault as { readonly errcode?: unknown }).errcode
  const message = fault instanceof Error ? fault.message : String(fault)
  return typeof code === 'number' ? `${message} (SQLite result code ${code})` : message
}

/** How long a lock is waited for while a connection is opened and prepared, in milliseconds. */
export const OPEN_TIMEOUT = 5000

/** Only one connection of a process writes, in the worker. */
export function openWriterConnection(path: string, maxPageCount?: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: OPEN_TIMEOUT, defensive: true })
  // To turn a file to WAL takes a lock that SQLite does not wait for; two processes may open a new file at once.
  waitWhileBusy(OPEN_TIMEOUT, () => database.exec('pragma journal_mode = wal'))
  // FULL: a commit is on the disk before it is answered. Checkpoints are the worker's, between requests.
  database.exec(
    'pragma synchronous = full; pragma wal_autocheckpoint = 0; pragma journal_size_limit = 67108864; pragma cache_size = -16384; pragma temp_store = memory',
  )
  if (maxPageCount !== undefined) database.exec(`pragma max_page_count = ${Math.floor(maxPageCount)}`)
  return database
}

/** For `get()` and `all()` on the main thread. A reader in WAL mode waits for nobody but a recovery, and then not long. */
export function openReaderConnection(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 250, defensive: true })
  database.exec('pragma cache_size = -16384')
  return database
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** Blocks the thread, in milliseconds: for the worker only. */
export function sleep(milliseconds: number): void {
  Atomics.wait(sleeper, 0, 0, milliseconds)
}

/** Less than half the time that a polite holder leaves the lock free: nobody who waits misses it. */
const POLL_MILLISECONDS = 0.2

/** Tries again until it works, or until time is up: then the last fault is thrown. */
export function waitWhileBusy(timeoutMilliseconds: number, work: () => void): boolean {
  const deadline = performance.now() + timeoutMilliseconds
  for (let waited = false; ; waited = true) {
    try {
      work()
      return waited
    } catch (fault) {
      if (!isBusy(fault) || performance.now() >= deadline) throw fault
      sleep(POLL_MILLISECONDS)
    }
  }
}
