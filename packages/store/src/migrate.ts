import { createHash } from 'node:crypto'

/**
 * Forward-only migrations for engines with SQL. They exist for changing a kind that was released, or an
 * engine's own tables; a new kind or index needs none. The runner reads no file and opens no connection:
 * the engine brings the texts and says how a statement is run.
 */
export interface MigrationFile {
  /** Four digits, a dash and what it does: `0003-split-family-index.sql`. */
  readonly name: string
  readonly sql: string
}

export interface AppliedMigration {
  readonly number: number
  readonly name: string
  /** SHA-256 of the file as it was applied, hexadecimal. */
  readonly sha256: string
}

export interface MigrationEngine {
  /** Runs `work` in one transaction that holds the write lock, so that of two nodes that start together one waits. */
  exclusively(work: () => Promise<void>): Promise<void>
  /** Runs one or more statements. */
  exec(sql: string): void | Promise<void>
  /** The rows of `holdfast_migration`, which exists by then. */
  applied(): readonly AppliedMigration[] | Promise<readonly AppliedMigration[]>
}

export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
}

const NAME = /^(\d{4})-[a-z0-9-]+\.sql$/

const TABLE = `create table if not exists holdfast_migration (
  number integer not null primary key,
  name text not null,
  sha256 text not null
)`

/**
 * Applies what is not yet applied, in order, all in one transaction. A file that was changed after it was
 * applied, a gap, and a store newer than this release stop it before anything is written.
 *
 * @param fresh a store without tables: its tables are made in today's shape, so the files are recorded and not run
 * @returns the names of those applied
 */
export async function migrate(engine: MigrationEngine, files: readonly MigrationFile[], fresh: boolean): Promise<readonly string[]> {
  const numbered = files
    .map((file) => ({ ...file, number: numberOf(file.name), sha256: migrationHash(file.sql) }))
    .sort((a, b) => a.number - b.number)
  numbered.forEach((file, place) => {
    if (file.number !== place + 1)
      throw new MigrationRefused(`migrations must be numbered 1, 2, 3 …: ${file.name} is at place ${place + 1}`)
  })
  const done: string[] = []
  await engine.exclusively(async () => {
    await engine.exec(TABLE)
    const applied = await engine.applied()
    for (const known of applied) {
      const file = numbered[known.number - 1]
      if (file === undefined)
        throw new MigrationRefused(`the store has migration ${known.name}, which this release does not know: it was opened by a newer one`)
      if (file.sha256 !== known.sha256)
        throw new MigrationRefused(`${file.name} was changed after it was applied to this store; write a new migration instead`)
    }
    const numbers = new Set(applied.map((known) => known.number))
    for (const file of numbered.filter((each) => !numbers.has(each.number))) {
      if (!fresh) await engine.exec(file.sql)
      await engine.exec(`insert into holdfast_migration (number, name, sha256) values (${file.number}, '${file.name}', '${file.sha256}')`)
      done.push(file.name)
    }
  })
  return done
}

/** Line ends do not count: a checkout on Windows is the same release. */
export function migrationHash(sql: string): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
}

function numberOf(name: string): number {
  const match = NAME.exec(name)
  if (match === null) throw new MigrationRefused(`a migration is named like 0001-what-it-does.sql, not ${name}`)
  return Number(match[1])
}
