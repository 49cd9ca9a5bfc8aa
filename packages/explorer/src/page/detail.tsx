/** @jsxImportSource preact */
import type { Ref, VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { AttackResult, Exchange } from '../model.ts'
import type { ToldBinding } from './binding-rows.ts'
import { Binding } from './binding.tsx'
import { Findings } from './findings.tsx'
import { MarkIcon } from './marks.tsx'
import { Came, Sent } from './message.tsx'
import { answerLine, checksLine, outcomeOf } from './outcome.ts'
import type { ToldAttack } from './ports.ts'
import { Ruling } from './result.tsx'
import { Tabs } from './tabs.tsx'

export interface DetailProps {
  readonly exchange: Exchange | undefined
  /** Whether there is any message to choose. */
  readonly some: boolean
  readonly number: number
  readonly names: ReadonlyMap<string, string>
  readonly bindings: readonly ToldBinding[]
  /** The attack that this message decided. */
  readonly decided?: { readonly told: ToldAttack; readonly result: AttackResult } | undefined
  readonly heading: Ref<HTMLHeadingElement>
}

/** Everything about one arrow and its answer. */
export function Detail({ exchange, some, number, names, bindings, decided, heading }: DetailProps): VNode {
  const [chosen, choose] = useState('sent')
  if (exchange === undefined)
    return (
      <section id="detail" class="panel detail empty" aria-labelledby="detail-title">
        <h2 id="detail-title" ref={heading} tabIndex={-1}>
          {some ? 'No message is chosen' : 'Nothing was sent yet'}
        </h2>
        <p class="quiet">
          Each message appears here in full: every header and parameter, what the receiver checked, and every JWT taken apart.
        </p>
      </section>
    )
  const thief = exchange.thief === true
  const outcome = outcomeOf(exchange)
  const refused = (exchange.findings ?? []).some((finding) => finding.refused !== undefined)
  const tabs = [
    { id: 'sent', label: 'What was sent', content: <Sent exchange={exchange} /> },
    { id: 'came', label: 'What came back', content: <Came exchange={exchange} /> },
    {
      id: 'checked',
      label: 'What was checked',
      ...(exchange.findings !== undefined &&
        exchange.findings.length > 0 && { mark: <MarkIcon outcome={refused ? 'refused' : 'passed'} /> }),
      content: <Findings exchange={exchange} receiver={names.get(exchange.to) ?? exchange.to} />,
    },
  ]
  const checks = checksLine(exchange.findings)
  return (
    <section id="detail" class={thief ? 'panel detail thief' : 'panel detail'} aria-labelledby="detail-title">
      <p class="over">
        Message {number} · {exchange.standard}
        {thief && <span class="tag of-thief">Sent by the thief</span>}
      </p>
      <h2 id="detail-title" ref={heading} tabIndex={-1}>
        {exchange.title}
      </h2>
      <p class="verdict">
        <MarkIcon outcome={outcome} />
        <span>
          {answerLine(exchange)}
          {checks !== '' && <span class="quiet"> · {checks}</span>}
        </span>
      </p>
      {decided !== undefined && <Ruling {...decided} />}
      <Binding told={bindings} />
      <Tabs label={`Message ${number}`} tabs={tabs} chosen={chosen} choose={choose} />
    </section>
  )
}
