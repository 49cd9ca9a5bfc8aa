import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file that is not there yet, in a directory of its own that goes when the process does. */
export function temporaryPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'data', 'store.db')
}
