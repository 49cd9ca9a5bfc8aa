/**
 * Builds the page of the flow explorer into site/, unless that was done with the same sources: what it is made of is compared by
 * content, so that a fresh clone, a checkout of another branch and a second start all do what they must and no more.
 * Run by scripts/setup.mjs after the compiler; `--force` builds whatever there is.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const explorer = fileURLToPath(new URL('..', import.meta.url))
const root = join(explorer, '..', '..')
const config = join(explorer, 'vite.config.ts')
// Not within site/, which is published.
const stampFile = join(root, '.holdfast', 'site.stamp')

/** Every file that the bundle may come from, sorted; tests and what they need are no part of it. */
function sources() {
  const folders = [join(explorer, 'src'), join(root, 'packages', 'protocol', 'src')]
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return [config, join(root, 'package-lock.json'), ...files.filter((path) => !/[\\/]test[\\/]|\.test\.tsx?$/.test(path))].toSorted()
}

const hash = createHash('sha256')
for (const path of sources()) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0')
const wanted = hash.digest('hex')
const isThere = existsSync(join(explorer, 'site', 'index.html')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted

if (!isThere || process.argv.includes('--force')) {
  // Only now: loading it takes longer than finding out that it is not needed.
  const { build } = await import('vite')
  await build({ configFile: config, logLevel: 'warn' })
  mkdirSync(join(root, '.holdfast'), { recursive: true })
  writeFileSync(stampFile, wanted)
}
