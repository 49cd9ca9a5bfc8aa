/** npm run attacks [-- ID…]: every attack must lose, and win where its check is taken out. */
import { readdirSync } from 'node:fs'
import { startWorld } from './world.mjs'

const wanted = process.argv.slice(2)
const folder = new URL('./corpus/', import.meta.url)
const families = await Promise.all(
  readdirSync(folder)
    .sort()
    .map((file) => import(new URL(file, folder).href)),
)
const attacks = families
  .flatMap((family) => family.attacks)
  .filter(({ id }) => wanted.length === 0 || wanted.some((one) => id === one || id.startsWith(`${one}-`)))
  .sort((a, b) => a.id.localeCompare(b.id))
const unknown = wanted.filter((id) => !attacks.some((attack) => attack.id === id || attack.id.startsWith(`${id}-`)))
if (unknown.length > 0 || attacks.length === 0) {
  console.error(`no such attack: ${unknown.join(' ')}`)
  process.exit(2)
}

let passed = 0
let failed = 0
const world = await startWorld()
try {
  for (const attack of attacks) {
    const against = await outcome(attack, world)
    const without = []
    for (const weakening of weakeningsOf(attack)) without.push(await againstWeakened(attack, weakening))
    const held = against.won === false
    const good = held && without.every(({ won }) => won === true)
    if (good) passed++
    else failed++
    console.log(`${good ? 'ok  ' : 'FAIL'} ${attack.id} ${attack.title}`)
    console.log(`       here: ${held ? 'refused' : 'THE ATTACK WINS'}, ${against.how}`)
    for (const { won, how } of without)
      console.log(`       without the check: ${won === true ? 'it wins' : 'IT LOSES, SO IT PROVES NOTHING'}, ${how}`)
  }
} finally {
  await world.stop()
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Where several checks stand in the way of one attack's steps, each is taken out alone. */
function weakeningsOf({ weakening, others = [] }) {
  return [weakening, ...others]
}

async function againstWeakened(attack, weakening) {
  let weak
  try {
    weak = await startWorld(weakening)
    return await outcome(attack, weak)
  } catch (error) {
    return { won: undefined, how: error.message }
  } finally {
    await weak?.stop()
  }
}

async function outcome(attack, target) {
  try {
    return await attack.attack(target)
  } catch (error) {
    return { won: undefined, how: `the attack itself failed: ${error.message}` }
  }
}
