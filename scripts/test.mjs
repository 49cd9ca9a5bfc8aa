/**
 * `npm test`: the tests in Node, then those in a browser; the last line alone says `N passed, N failed` over both.
 * `npm test -- packages/proof` hands its arguments to vitest, and leaves the browser tests out.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'
import { environment, root, run, secondsSince } from './run.mjs'
import { countPlaywright, countVitest } from './test-report.mjs'

const narrowed = process.argv.slice(2)
const reports = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

async function inNode() {
  const file = join(reports, 'vitest.json')
  const { code } = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...narrowed])
  return countVitest(read(file), code)
}

async function inBrowser() {
  const folder = join(root, 'test', 'browser')
  const specs = existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.spec.ts')) : []
  if (specs.length === 0) return { passed: 0, failed: 0, reasons: [] }
  let chromium
  try {
    chromium = findChromium()
  } catch (error) {
    return { passed: 0, failed: 1, reasons: [error.message] }
  }
  const file = join(reports, 'playwright.json')
  const env = { ...environment, HOLDFAST_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
  const { code } = await run('playwright', ['test', '-c', 'test/browser/playwright.config.ts', '--reporter=list,json'], { env })
  return countPlaywright(read(file), code)
}

const stages = [['unit, HTTP and process tests', inNode], ...(narrowed.length === 0 ? [['browser tests', inBrowser]] : [])]
let passed = 0
let failed = 0
const lines = []
for (const [name, stage] of stages) {
  const started = Date.now()
  console.log(`\n── ${name}`)
  const count = await stage()
  passed += count.passed
  failed += count.failed
  for (const reason of count.reasons) lines.push(`  ${reason}`)
  lines.push(`${name}: ${count.passed} passed, ${count.failed} failed, ${secondsSince(started)} s`)
}
rmSync(reports, { recursive: true, force: true })

console.log(`\n${lines.join('\n')}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
