/**
 * Loaded before the server (`node --import`): takes checks out of modules while they are loaded, and sets the clock. Only this
 * folder does so, and only for a process that it starts. A patch that no longer fits ends the process: an
 * attack must not be shown to win against something else than it names.
 */
import { registerHooks } from 'node:module'

const patches = JSON.parse(process.env['HOLDFAST_ATTACK_WEAKENING'] ?? '[]')

let later = Number(process.env['HOLDFAST_ATTACK_LATER'] ?? 0) * 1000
const { now } = Date
Date.now = () => now() + later
/** The stage may set the clock of a process that runs. */
process.on('message', ({ laterSeconds }) => (later = laterSeconds * 1000))
process.channel?.unref()

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const mine = patches.filter(({ file }) => url.endsWith(file))
    if (mine.length === 0) return loaded
    let source = String(loaded.source)
    for (const { find, put } of mine) {
      if (!source.includes(find)) {
        console.error(`the weakening does not fit: ${url} has no ${JSON.stringify(find)}`)
        process.exit(3)
      }
      source = source.replace(find, () => put)
    }
    return { ...loaded, source }
  },
})
