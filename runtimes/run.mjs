/** npm run runtimes [-- --only NAME]: sends the guard's list of requests in each runtime and real framework. See README.md. */
import { readFileSync, writeFileSync } from 'node:fs'
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
for (const runtime of chosen) {
  const { sent, lost, faults } = await outcomeOf(runtime)
  const told = [`${sent - new Set(faults.map(({ row }) => row)).size} of ${sent} requests are answered as recorded`]
  for (const [name, value] of runtime.adds ?? []) told.push(`it adds ${name}: ${value}`)
  if (runtime.headWithoutLength) told.push('it leaves Content-Length out of answers to HEAD')
  if (lost > 0) told.push(`${lost} more were left out: ${runtime.loses.why}`)
  console.log(`${faults.length === 0 ? 'good' : 'BAD '} ${runtime.name}: ${told.join('; ')}`)
  for (const { row, fault } of faults.slice(0, 20)) console.log(`     ${row}: ${fault}`)
  if (faults.length > 20) console.log(`     and ${faults.length - 20} more`)
  bad += faults.length === 0 ? 0 : 1
}
if (options.only === undefined) {
  const { faultsOfExamples } = await import('./examples.mjs')
  const faults = await faultsOfExamples()
  console.log(`${faults.length === 0 ? 'good' : 'BAD '} quick starts of docs/guard.md for tRPC, GraphQL, Next.js and NestJS`)
  for (const fault of faults) console.log(`     ${fault}`)
  bad += faults.length === 0 ? 0 : 1
}
console.log(bad === 0 ? `${chosen.length} runtimes and frameworks answer alike` : `bad: ${bad}`)
process.exitCode = bad === 0 ? 0 : 1

/** A list of its own for each, since a proof that was used is used. */
async function outcomeOf({ open, adds = [], loses, headWithoutLength = false }) {
  const list = await newList()
  const file = new URL('issuer.json', cache)
  writeFileSync(file, JSON.stringify(list.issuer))
  const rows = list.rows.filter((row) => loses?.row(row) !== true)
  const faults = []
  let mount
  try {
    mount = await open(list, file)
    for (const row of rows) {
      const answer = await mount.send(row.sent)
      const headers = answer.headers.filter(([name, value]) => !adds.some(([added, text]) => name === added && value === text))
      const wanted = headWithoutLength && row.sent.method === 'HEAD' ? withoutLength(recorded[row.name]) : recorded[row.name]
      for (const fault of differences(row, { ...answer, headers }, wanted)) faults.push({ row: row.name, fault })
    }
  } catch (error) {
    faults.push({ row: 'it ended', fault: String(error.stack) })
  } finally {
    await mount?.close()
  }
  return { sent: rows.length, lost: list.rows.length - rows.length, faults }
}

function withoutLength(answer) {
  return { ...answer, headers: answer.headers.filter(([name]) => name !== 'content-length') }
}

function differences(row, answer, wanted) {
  const [is, was] = [JSON.stringify(answer), JSON.stringify(wanted)]
  const at = [...is].findIndex((character, index) => character !== was?.[index])
  const shown = (text) => (text ?? 'nothing').slice(Math.max(0, at - 40), at + 120)
  return [...faultsOf(row, answer), ...(is === was ? [] : [`answered …${shown(is)}…, recorded …${shown(was)}…`])]
}
