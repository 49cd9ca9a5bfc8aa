/** Cells, the table, and what has become worse since the results that are kept. */
import { FEATURES } from './features.mjs'

const SIGNS = { passed: 'yes', failed: 'FAILED', unsupported: '–', 'not run': 'not run' }

/**
 * Clients that are asked the same stand side by side.
 * @param {readonly { name: string, language: string, versions: object, cells: object }[]} results
 */
export function tables(results) {
  const groups = Map.groupBy(results, ({ cells }) =>
    Object.keys(FEATURES)
      .filter((feature) => feature in cells)
      .join(' '),
  )
  return [...groups].map(([features, group]) => table(features.split(' '), group)).join('\n\n')
}

function table(features, results) {
  const heads = ['', ...results.map(({ name }) => name)]
  const rows = features.map((feature) => [FEATURES[feature], ...results.map(({ cells }) => SIGNS[cells[feature].outcome])])
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)))
  const line = (cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd()
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

export function versions(results) {
  return results
    .map(({ name, language, versions }) => {
      const known = Object.entries(versions).map(([library, version]) => `${library} ${version}`)
      return `${name} (${language}): ${known.length === 0 ? 'not installed' : known.join(', ')}`
    })
    .join('\n')
}

/** Everything that is neither passed nor plain, in words: what one client says of several features is said once. */
export function details(results) {
  return results.flatMap(({ name, cells }) => {
    const told = Object.entries(cells).filter(([, { outcome, detail }]) => outcome !== 'passed' || detail !== undefined)
    const alike = Map.groupBy(told, ([, { outcome, detail }]) => `${SIGNS[outcome].padEnd(7)} ${name} | ${detail ?? ''}`)
    return [...alike].map(([line, same]) => line.replace(' | ', ` ${same.map(([feature]) => feature).join(', ')}: `))
  })
}

/**
 * What passed when the results were kept and does not now. A machine that cannot install a client makes nothing worse; a
 * server that lacks what it had does.
 */
export function regressions(results, kept, missing) {
  return results.flatMap(({ name, cells }) =>
    (kept[name]?.passed ?? [])
      .filter((feature) => missing.includes(feature) || !['passed', 'not run'].includes(cells[feature]?.outcome))
      .map((feature) => `${name} ${feature}`),
  )
}

/** A client that did not run keeps what it had. */
export function toKeep(results) {
  const ran = results.filter(({ cells }) => Object.values(cells).some(({ outcome }) => outcome === 'passed'))
  const having = (cells, wanted) => Object.keys(FEATURES).filter((feature) => cells[feature]?.outcome === wanted)
  const entry = ({ versions, cells }) => ({ versions, passed: having(cells, 'passed'), unsupported: having(cells, 'unsupported') })
  return Object.fromEntries(ran.map((result) => [result.name, entry(result)]))
}

export function count(results, outcome) {
  return results.flatMap(({ cells }) => Object.values(cells)).filter((cell) => cell.outcome === outcome).length
}
