import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, openWriterConnection } from './connection.ts'
import { GroupWriter } from './group.ts'
import { Housekeeping } from './housekeeping.ts'
import type { FromWorker, ToWorker, WorkerInput } from './messages.ts'
import { releasedMigrations, runMigrations } from './migrations.ts'
import { prepareTables } from './schema.ts'
import { planOf } from './statements.ts'
import { WriteTurn } from './turn.ts'

/** The one thread that writes. It blocks while the disk works, and nobody else does. */
const port = parentPort
if (port === null) throw new Error('this file is started by openSqliteStore, as a worker')
const say = (message: FromWorker): void => port.postMessage(message)

try {
  await serve(workerData as WorkerInput)
} catch (fault) {
  say({ type: 'failed', message: messageOf(fault) })
  port.close()
}

async function serve(input: WorkerInput): Promise<void> {
  const database = openWriterConnection(input.path, input.maxPageCount)
  await runMigrations(database, releasedMigrations())
  const turn = new WriteTurn(database, input.timeoutMilliseconds)
  turn.begin()
  prepareTables(database, input.tables)
  turn.commit()

  const groups = new GroupWriter(database, planOf(input.tables), turn)
  const housekeeping = new Housekeeping(database, turn, input.tables, (line) => say({ type: 'fault', line }))

  port?.on('message', (message: ToWorker) => {
    if (message.type === 'group') {
      say({ type: 'verdicts', verdicts: groups.apply(message.commits) })
      housekeeping.wrote(message.commits.reduce((sum, changes) => sum + changes.length, 0))
    } else if (message.type === 'purge') {
      const { ticket, now } = message
      housekeeping.purge(now).then(
        (rows) => say({ type: 'purged', ticket, rows }),
        (fault: unknown) => say({ type: 'purged', ticket, rows: 0, fault: messageOf(fault) }),
      )
    } else {
      housekeeping.close()
      database.close()
      say({ type: 'closed' })
      port.close()
    }
  })
  say({
    type: 'ready',
    synchronous: Number(database.prepare('pragma synchronous').get()?.['synchronous']),
    journal: String(database.prepare('pragma journal_mode').get()?.['journal_mode']),
  })
}
