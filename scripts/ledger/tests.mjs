import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { environment, root, run } from '../run.mjs'

/**
 * Every test by the name it has when it runs: rows of a table and the groups around a test are in it.
 * The runners collect them without running any. @returns {Promise<import('./weigh.mjs').Test[]>}
 */
export async function collectTests() {
  const reports = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'))
  try {
    return [
      ...(await fromVitest(join(reports, 'vitest.json'))),
      ...(await fromPlaywright(join(reports, 'playwright.json'))),
      ...fromPrograms('attacks'),
      ...fromPrograms('interop'),
    ]
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

async function fromVitest(file) {
  const { code, output, error } = await run('vitest', ['list', '--no-static-parse', `--json=${file}`], { quiet: true })
  if (code !== 0 || !existsSync(file)) throw new Error(`vitest could not list the tests:\n${output}${error}`)
  return JSON.parse(readFileSync(file, 'utf8')).map((one) => ({ name: one.name, file: relative(root, one.file) }))
}

async function fromPlaywright(file) {
  if (!under('test/browser').some((path) => path.endsWith('.spec.ts'))) return []
  const env = { ...environment, PLAYWRIGHT_JSON_OUTPUT_FILE: file }
  const { code, output, error } = await run(
    'playwright',
    ['test', '--list', '-c', 'test/browser/playwright.config.ts', '--reporter=json'],
    {
      quiet: true,
      env,
    },
  )
  if (code !== 0) throw new Error(`Playwright could not list the tests:\n${output}${error}`)
  const namesOf = (suite, group) => [
    ...suite.specs.map((spec) => ({ name: [...group, spec.title].join(' > '), file: join('test', 'browser', spec.file) })),
    ...(suite.suites ?? []).flatMap((inner) => namesOf(inner, [...group, inner.title])),
  ]
  return JSON.parse(readFileSync(file, 'utf8')).suites.flatMap((suite) => namesOf(suite, []))
}

/** Attacks and clients of others are run from outside by programs of their own; their names are the strings that begin with a requirement or an attack. */
function fromPrograms(folder) {
  return under(folder)
    .filter((path) => /\.(m?js|ts)$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return [...text.matchAll(/(['"`])((?:[A-Z]+-\d{2,3}|A\d{2})\b[^'"`\n]*)\1/g)].map(([, , name]) => ({ name, file: path }))
    })
}

function under(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => !/\/(node_modules|\.cache)\//.test(path))
}
