/** Runs the shared server of one test run until that run ends, however it ends. `node keeper.mjs <folder> <pid of the run>` */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCluster } from '../../../../scripts/postgres.mjs'

const [folder = '', run = ''] = process.argv.slice(2)

function tell(answer) {
  writeFileSync(join(folder, 'told.new'), JSON.stringify(answer))
  renameSync(join(folder, 'told.new'), join(folder, 'told.json'))
}

function isRunning() {
  try {
    process.kill(Number(run), 0)
    return true
  } catch {
    return false
  }
}

let cluster
try {
  cluster = await createCluster(join(folder, 'cluster'))
  tell({ url: cluster.url('postgres') })
} catch (error) {
  tell({ fault: error.message })
}
while (isRunning()) await new Promise((resolve) => setTimeout(resolve, 200))
await cluster?.stop('SIGQUIT')
rmSync(folder, { recursive: true, force: true })
