/**
 * Which requirement of the standards has a test, which waits for a later issue, which does not apply, which is open.
 *
 *     npm run ledger -- --actor AS,RS oauth21 dpop       weighs; exits 0 when no MUST of these actors is open
 *     node scripts/ledger.mjs --draw 30 --seed S         prints thirty tested ids with a test of each, drawn by the seed
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { concerning, parseDigest } from './ledger/digest.mjs'
import { collectTests } from './ledger/tests.mjs'
import { faults, isOpenMust, standing, testsById } from './ledger/weigh.mjs'
import { root } from './run.mjs'

const ACTORS = ['AS', 'RS', 'CL']
const folder = join(root, 'docs', 'standards')

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { actor: { type: 'string', default: ACTORS.join(',') }, draw: { type: 'string' }, seed: { type: 'string' } },
  })
  const actors = values.actor.split(',')
  const stranger = actors.find((actor) => !ACTORS.includes(actor))
  if (stranger !== undefined) throw new Error(`--actor takes ${ACTORS.join(', ')}, not ${stranger}`)

  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => name.slice(0, -3))
  const missing = positionals.find((name) => !names.includes(name))
  if (missing !== undefined) throw new Error(`docs/standards/${missing}.md does not exist; there are ${names.join(', ')}`)

  const all = names.flatMap((name) => parseDigest(name, readFileSync(join(folder, `${name}.md`), 'utf8')))
  const chosen = concerning(all, actors).filter(({ digest }) => positionals.length === 0 || positionals.includes(digest))
  const ledger = JSON.parse(readFileSync(join(folder, 'ledger.json'), 'utf8'))
  const byId = testsById(all, await collectTests())
  const weighed = chosen.map((one) => ({ ...one, standing: standing(one.id, byId, ledger) }))

  if (values.draw !== undefined) return draw(weighed, byId, Number(values.draw), values.seed ?? randomBytes(4).toString('hex'))
  return report(
    weighed,
    faults(all, byId, ledger, (path) => existsSync(join(root, path))),
    byId,
  )
}

/** The same seed draws the same ids as long as the same ids are tested, whatever order the tests stand in. */
function draw(weighed, byId, count, seed) {
  const rank = ({ id }) => createHash('sha256').update(`${seed}:${id}`).digest('hex')
  const drawn = weighed
    .filter((one) => one.standing === 'tested')
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .slice(0, count)
  console.log(`seed ${seed}`)
  for (const { id } of drawn) for (const { file, name } of byId.get(id)) console.log(`${id}\t${file}\t${name}`)
  return drawn.length === count ? 0 : 1
}

function report(weighed, wrong, byId) {
  const are = (how) => weighed.filter((one) => one.standing === how)
  for (const how of ['untested', 'overdue']) {
    for (const level of ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY']) {
      const open = are(how).filter((one) => one.level === level)
      if (open.length > 0)
        console.log(`${how} ${level} (${open.length})\n${open.map(({ id, text }) => `  ${id} ${text.slice(0, 110)}`).join('\n')}`)
    }
  }
  const partly = are('deferred').filter(({ id }) => byId.has(id))
  if (partly.length > 0) console.log(`deferred, and tested in part: ${partly.map(({ id }) => id).join(' ')}`)
  for (const fault of wrong) console.log(`wrong: ${fault}`)
  const open = weighed.filter(isOpenMust)
  console.log(`${are('tested').length} tested, ${are('deferred').length} deferred, ${are('inapplicable').length} inapplicable`)
  console.log(`${are('untested').length} untested and ${are('overdue').length} overdue, ${open.length} of them MUST`)
  return open.length === 0 && wrong.length === 0 ? 0 : 1
}
