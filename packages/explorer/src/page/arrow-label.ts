import type { PlacedRow } from './diagram-layout.ts'
import { answerLine, checksLine, pathOf } from './outcome.ts'

/** All of an arrow and its answer, in words. @param names of the lanes by their ids */
export function arrowLabel(row: Pick<PlacedRow, 'exchange' | 'number'>, names: ReadonlyMap<string, string>): string {
  const { exchange } = row
  const from = exchange.thief === true ? 'the thief' : (names.get(exchange.from) ?? exchange.from)
  const to = names.get(exchange.to) ?? exchange.to
  const checks = checksLine(exchange.findings)
  return [
    `${row.number}. ${exchange.title}.`,
    `${exchange.request.method} ${pathOf(exchange.request.url)} from ${from} to ${to}.`,
    `${answerLine(exchange)}.`,
    ...(checks === '' ? [] : [`${checks}.`]),
  ].join(' ')
}
