/** What is made before a runtime can be asked: its packages, and one file of the guard that needs no resolver. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'

const here = new URL('.', import.meta.url)
const path = (name) => fileURLToPath(new URL(name, here))
export const cache = new URL('.cache/', here)

/** `npm ci`, when it was never done for this very lock. */
export async function installPackages() {
  const stamp = new URL('npm.stamp', cache)
  const wanted = createHash('sha256')
    .update(readFileSync(path('package-lock.json')))
    .digest('hex')
  if (existsSync(path('node_modules')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  execFileSync('npm', ['ci', '--prefix', path('.'), '--no-audit', '--no-fund'], { stdio: 'inherit' })
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, wanted)
}

/** @throws {Error} the guard for the web needs something of Node: workerd and browsers have none of it */
export async function build() {
  const { build: bundle } = await import('vite')
  for (const name of ['web', 'node'])
    await bundle({
      root: path('.'),
      configFile: false,
      logLevel: 'warn',
      ssr: { noExternal: true },
      build: {
        ssr: path(`servers/${name}.mjs`),
        outDir: path('.cache'),
        emptyOutDir: false,
        target: 'es2024',
        rolldownOptions: { output: { entryFileNames: `${name}.js` } },
      },
    })
  const text = readFileSync(new URL('web.js', cache), 'utf8')
  const found = [...text.matchAll(/(?:from|import|require)\s*\(?\s*["']([^"']+)["']/g)].map(([, module]) => module)
  if (found.length > 0 || builtinModules.some((module) => text.includes(`"node:${module}"`)))
    throw new Error(`@holdfast/guard/web imports ${found}`)
}
