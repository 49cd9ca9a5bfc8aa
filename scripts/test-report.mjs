/**
 * What the two runners report, as two numbers. A skipped test counts as failed: it did not show what its name says.
 * A runner that ended badly with no failure in its report (it crashed, or something went wrong outside any test)
 * adds one, so that no run is green that was not.
 *
 * @typedef {{ passed: number, failed: number, reasons: string[] }} Count
 */

/** @param {string | undefined} text the JSON of vitest @param {number} code its exit code @returns {Count} */
export function countVitest(text, code) {
  return counted('vitest', text, code, (report) => {
    const files = list(report.testResults)
    const tests = files.flatMap((file) => list(file.assertionResults).map((one) => ({ status: one.status, name: one.fullName })))
    // A file that could not be loaded has no tests, and would vanish from the sum.
    const unloaded = files.filter((file) => file.status === 'failed' && list(file.assertionResults).length === 0)
    return [...tests, ...unloaded.map((file) => ({ status: 'failed', name: file.name }))]
  })
}

/** @param {string | undefined} text the JSON of Playwright @param {number} code its exit code @returns {Count} */
export function countPlaywright(text, code) {
  return counted('Playwright', text, code, (report) => {
    const tests = list(report.suites)
      .flatMap(specsOf)
      .flatMap((spec) => list(spec.tests).map((one) => ({ status: one.status === 'expected' ? 'passed' : one.status, name: spec.title })))
    return [...tests, ...list(report.errors).map((error) => ({ status: 'failed', name: String(error.message).split('\n')[0] }))]
  })
}

const specsOf = (suite) => [...list(suite.specs), ...list(suite.suites).flatMap(specsOf)]

function counted(runner, text, code, testsOf) {
  let tests
  try {
    tests = testsOf(JSON.parse(text ?? ''))
  } catch {
    return { passed: 0, failed: 1, reasons: [`${runner} left no report that can be read (exit code ${code})`] }
  }
  const bad = tests.filter((one) => one.status !== 'passed')
  const passed = tests.length - bad.length
  const reasons = bad.map((one) => `${one.status}: ${one.name}`)
  if (tests.length === 0) return { passed: 0, failed: 1, reasons: [`${runner} ran no test`] }
  if (code !== 0 && bad.length === 0)
    return { passed, failed: 1, reasons: [`${runner} ended with exit code ${code} although no test failed`] }
  return { passed, failed: bad.length, reasons }
}

function list(value) {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value
}
