import type { RunView } from '../model.ts'
import { answerLine, checksLine, statusLine } from './outcome.ts'

/** What a screen reader says when the run changes: one short sentence for each thing that is new. Empty: nothing is. */
export function newsOf(before: RunView | undefined, after: RunView): string {
  const fresh = after.exchanges.slice(before?.exchanges.length ?? 0).map((exchange) => {
    const checks = checksLine(exchange.findings)
    return `${exchange.title}: ${statusLine(exchange) || answerLine(exchange)}${checks === '' ? '' : `, ${checks}`}.`
  })
  const attacks = after.attacks.slice(before?.attacks.length ?? 0).map(({ verdict, caught }) => {
    if (verdict === 'won') return 'The thief got in.'
    if (verdict === 'no answer') return 'The thief got no answer.'
    return caught === undefined ? 'The thief got nothing.' : `The thief was refused, by ${caught.about}: ${caught.check}.`
  })
  const asking = after.asking !== undefined && before?.asking === undefined ? [`Your turn. ${after.asking.label}.`] : []
  const waiting = after.waiting !== undefined && after.waiting.url !== before?.waiting?.url ? [`Your turn. ${after.waiting.say}`] : []
  const failed =
    after.failed !== undefined && before?.failed === undefined ? [`The run stopped. ${after.failed.say} ${after.failed.remedy}`] : []
  return [...fresh, ...attacks, ...waiting, ...asking, ...failed].join(' ')
}
