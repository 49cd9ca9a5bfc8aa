import type { PlacedRow } from './diagram-layout.ts'
import { checksLine, OUTCOME_WORDS, pathOf, statusLine } from './outcome.ts'

/** All of an arrow and its answer, in words. @param names of the lanes by their ids */
export function arrowLabel(row: Pick<PlacedRow, 'exchange' | 'number' | 'outcome' | 'thief'>, names: ReadonlyMap<string, string>): string {
  const { exchange } = row
  const from = row.thief ? 'the thief' : (names.get(exchange.from) ?? exchange.from)
  const to = names.get(exchange.to) ?? exchange.to
  const checks = checksLine(exchange.findings)
  return [
    `${row.number}. ${exchange.title}.`,
    `${exchange.request.method} ${pathOf(exchange.request.url)} from ${from} to ${to}.`,
    exchange.response === undefined ? `${OUTCOME_WORDS[row.outcome]}.` : `${OUTCOME_WORDS[row.outcome]}: ${statusLine(exchange)}.`,
    ...(checks === '' ? [] : [`${checks}.`]),
  ].join(' ')
}
