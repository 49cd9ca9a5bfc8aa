/**
 * Weighs requirements against tests and the rows of docs/standards/ledger.json.
 *
 * @typedef {import('./digest.mjs').Requirement} Requirement
 * @typedef {{ id: string, status: 'deferred', issue: string } | { id: string, status: 'inapplicable', reason: string, decision?: string }} Row
 * @typedef {{ done: readonly string[], rows: readonly Row[] }} Ledger
 * @typedef {{ name: string, file: string }} Test
 * @typedef {'tested' | 'deferred' | 'overdue' | 'inapplicable' | 'untested'} Standing
 */

/** Ids that a test's name carries, its groups' names included. */
export function idsIn(name, prefixes) {
  return [...name.matchAll(/\b([A-Z]+)-\d{2,3}\b(?!-)/g)].filter(([, prefix]) => prefixes.has(prefix)).map(([id]) => id)
}

/** @param {readonly Requirement[]} all every requirement there is @param {readonly Test[]} tests @returns {Map<string, Test[]>} */
export function testsById(all, tests) {
  const prefixes = new Set(all.map(({ id }) => id.split('-')[0]))
  const found = new Map()
  for (const test of tests) for (const id of new Set(idsIn(test.name, prefixes))) found.set(id, [...(found.get(id) ?? []), test])
  return found
}

/** What is wrong with tests and rows themselves. @param {(path: string) => boolean} exists @returns {string[]} */
export function faults(all, byId, ledger, exists) {
  const known = new Map(all.map((one) => [one.id, one]))
  const twice = all
    .filter((one, index) => all.findIndex(({ id }) => id === one.id) !== index)
    .map(({ id }) => `${id} stands twice in the digests`)
  const unknown = [...byId]
    .filter(([id]) => !known.has(id))
    .map(([id, [test]]) => `${id} is in no digest, and is named by ${test.file}: ${test.name}`)
  const seen = new Set()
  const rows = ledger.rows.flatMap((row) => {
    const again = seen.has(row.id)
    seen.add(row.id)
    if (again) return [`${row.id} has two rows in the ledger`]
    const requirement = known.get(row.id)
    if (requirement === undefined) return [`${row.id} has a row in the ledger and is in no digest`]
    return faultOf(row, requirement, byId.has(row.id), exists).map((fault) => `${row.id}: ${fault}`)
  })
  return [...twice, ...unknown, ...rows]
}

function faultOf(row, requirement, isTested, exists) {
  if (row.status === 'deferred') return /^\d+ \S/.test(row.issue ?? '') ? [] : ['a deferral names an issue by number and title']
  if (row.status !== 'inapplicable') return ['a row is deferred or inapplicable']
  if (isTested) return ['called inapplicable, and tested']
  if (typeof row.reason !== 'string' || row.reason.trim() === '') return ['inapplicable needs a reason']
  if (row.decision !== undefined)
    return /^docs\/decisions\/[^/]+\.md$/.test(row.decision) && exists(row.decision) ? [] : [`there is no decision ${row.decision}`]
  return requirement.level === 'MAY' ? [] : [`a ${requirement.level} is inapplicable only by a decision in docs/decisions/`]
}

/** A deferral stands though tests name the id: they show a part of it, and the row says that a part is missing. @returns {Standing} */
export function standing(id, byId, ledger) {
  const row = ledger.rows.find((one) => one.id === id)
  if (row?.status === 'inapplicable') return 'inapplicable'
  if (row?.status === 'deferred') return ledger.done.includes(row.issue.split(' ')[0]) ? 'overdue' : 'deferred'
  return byId.has(id) ? 'tested' : 'untested'
}

/** A requirement that must not stay open. */
export const isOpenMust = ({ level, standing: how }) => level.startsWith('MUST') && (how === 'untested' || how === 'overdue')
