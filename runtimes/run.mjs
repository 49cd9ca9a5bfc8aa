/** npm run runtimes [-- --only NAME]: sends the guard's list of requests in each runtime and real framework. See README.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { faultsOf } from '../test/guard-requests/answer.ts'
import { newList } from '../test/guard-requests/list.ts'
import { build, cache, installPackages } from './build.mjs'
import { RUNTIMES } from './runtimes.mjs'

const { values: options } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
for (const name of options.only ?? []) if (!RUNTIMES.some((one) => one.name === name)) throw new Error(`no runtime ${name}`)
const chosen = RUNTIMES.filter(({ name }) => options.only === undefined || options.only.includes(name))

await installPackages()
await build()
const recorded = JSON.parse(readFileSync(new URL('../test/guard-requests/answers.json', import.meta.url), 'utf8'))
let bad = 0
for (const { name, open } of chosen) {
  const faults = await faultsIn(open)
  console.log(
    `${faults.length === 0 ? 'good' : 'BAD '} ${name}: ${faults.length === 0 ? 'all' : 'not all'} of ${Object.keys(recorded).length} requests are answered as recorded`,
  )
  for (const fault of faults.slice(0, 20)) console.log(`     ${fault}`)
  if (faults.length > 20) console.log(`     and ${faults.length - 20} more`)
  bad += faults.length === 0 ? 0 : 1
}
console.log(bad === 0 ? `${chosen.length} runtimes and frameworks answer alike` : `bad: ${bad} of ${chosen.length}`)
process.exitCode = bad === 0 ? 0 : 1

/** A list of its own for each, since a proof that was used is used. */
async function faultsIn(open) {
  const list = await newList()
  mkdirSync(cache, { recursive: true })
  const file = new URL('issuer.json', cache)
  writeFileSync(file, JSON.stringify(list.issuer))
  let mount
  try {
    mount = await open(list, file)
    const faults = []
    for (const row of list.rows) faults.push(...differences(row, await mount.send(row.sent)))
    return faults
  } catch (error) {
    return [String(error.stack)]
  } finally {
    await mount?.close()
  }
}

function differences(row, answer) {
  const [is, was] = [JSON.stringify(answer), JSON.stringify(recorded[row.name])]
  const at = [...is].findIndex((character, index) => character !== was?.[index])
  const shown = (text) => (text ?? 'nothing').slice(Math.max(0, at - 40), at + 120)
  return [
    ...faultsOf(row, answer).map((fault) => `${row.name}: ${fault}`),
    ...(is === was ? [] : [`${row.name}: answered …${shown(is)}…, recorded …${shown(was)}…`]),
  ]
}
