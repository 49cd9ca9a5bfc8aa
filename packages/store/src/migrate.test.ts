import { describe, expect, it } from 'vitest'
import { type AppliedMigration, migrate, type MigrationEngine, migrationHash, type MigrationFile } from './migrate.ts'

/** An engine that only remembers: what it was told to run, and what of it lasts. */
function recorder(applied: AppliedMigration[] = []): MigrationEngine & { readonly ran: string[]; readonly rows: AppliedMigration[] } {
  const ran: string[] = []
  const rows = [...applied]
  return {
    ran,
    rows,
    async exclusively(work) {
      const before = rows.length
      await work().catch((fault: unknown) => {
        rows.length = before
        throw fault
      })
    },
    exec(sql) {
      if (sql === 'fail') throw new Error('no such table')
      const insert = /values \((\d+), '([^']+)', '([0-9a-f]{64})'\)$/.exec(sql)
      if (insert === null) ran.push(sql)
      else rows.push({ number: Number(insert[1]), name: String(insert[2]), sha256: String(insert[3]) })
    },
    applied: () => rows,
  }
}

const one: MigrationFile = { name: '0001-one.sql', sql: 'first' }
const two: MigrationFile = { name: '0002-two.sql', sql: 'second' }

describe('migrate', () => {
  it('applies files in order of number, each once', async () => {
    const engine = recorder()
    expect(await migrate(engine, [two, one], false)).toEqual(['0001-one.sql', '0002-two.sql'])
    expect(engine.ran.slice(1)).toEqual(['first', 'second'])
    expect(await migrate(engine, [one, two], false)).toEqual([])
    expect(engine.ran.slice(1)).toEqual(['first', 'second', expect.stringContaining('create table if not exists')])
  })

  it('refuses a released file that was changed, and runs nothing', async () => {
    const engine = recorder()
    await migrate(engine, [one], false)
    await expect(migrate(engine, [{ ...one, sql: 'changed' }, two], false)).rejects.toThrow('0001-one.sql was changed after it was applied')
    expect(engine.ran).not.toContain('second')
  })

  it('refuses a store that a newer release migrated', async () => {
    await expect(migrate(recorder([{ number: 1, name: '0001-one.sql', sha256: migrationHash('first') }]), [], false)).rejects.toThrow(
      'opened by a newer one',
    )
  })

  it('refuses gaps, repeats and names that are no migration', async () => {
    await expect(migrate(recorder(), [two], false)).rejects.toThrow('must be numbered')
    await expect(migrate(recorder(), [one, { ...one, name: '0001-again.sql' }], false)).rejects.toThrow('must be numbered')
    await expect(migrate(recorder(), [{ name: "0001-'quote.sql", sql: '' }], false)).rejects.toThrow('is named like')
  })

  it('leaves nothing recorded when a file fails', async () => {
    const engine = recorder()
    await expect(migrate(engine, [one, { ...two, sql: 'fail' }], false)).rejects.toThrow('no such table')
    expect(engine.rows).toEqual([])
  })

  it("records without running in a fresh store, whose tables are in today's shape", async () => {
    const engine = recorder()
    expect(await migrate(engine, [one, two], true)).toEqual(['0001-one.sql', '0002-two.sql'])
    expect(engine.ran.length).toBe(1)
    expect(engine.rows.length).toBe(2)
  })

  it('takes a file with other line ends for the same file', () => {
    expect(migrationHash('a\r\nb\n')).toBe(migrationHash('a\nb\n'))
  })
})
