/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { AttackResult, RunView } from '../model.ts'
import { MarkIcon } from './marks.tsx'
import type { ToldAttack, ToldFlow } from './ports.ts'
import { gotNothing, Result } from './result.tsx'

export interface AttacksProps {
  readonly flow: ToldFlow
  readonly attacks: readonly ToldAttack[]
  readonly view: RunView | undefined
  readonly attack: (id: string) => void
}

/** Where the reader plays the thief. What may be tried stands first; what needs a later step says which. */
export function Attacks({ flow, attacks, view, attack }: AttacksProps): VNode | null {
  if (attacks.length === 0) return null
  const done = view?.done ?? 0
  const positionOf = (told: ToldAttack): number => flow.steps.findIndex((step) => step.id === told.after) + 1
  const endOf = ({ before }: ToldAttack): number =>
    before === undefined ? Infinity : flow.steps.findIndex((step) => step.id === before) + 1
  const tried = new Set(view?.attacks.map((result) => result.attack))
  // One whose time is over stays where it was tried: its outcome did not become untrue.
  const ready = attacks.filter((told) => done >= positionOf(told) && (done < endOf(told) || tried.has(told.id)))
  const later = attacks.filter((told) => done < positionOf(told)).sort((a, b) => positionOf(a) - positionOf(b))
  return (
    <section id="attacks" class="panel attacks" aria-labelledby="attacks-title">
      <h2 id="attacks-title">Play the thief</h2>
      <p class="quiet">Each attack sends real requests with what this run has. Nothing is faked, the refusal least of all.</p>
      {view !== undefined && view.attacks.length > 0 && (
        <p id="score" class="score">
          {score(view.attacks)}
        </p>
      )}
      {ready.length > 0 && (
        <ul class="attack-list">
          {ready.map((told) => (
            <Attack
              key={told.id}
              told={told}
              flow={flow.id}
              result={view?.attacks.findLast((one) => one.attack === told.id)}
              latest={view?.attacks.at(-1)?.attack === told.id}
              busy={view === undefined || view.busy}
              attack={attack}
            />
          ))}
        </ul>
      )}
      {later.length > 0 && (
        <>
          <h3>Later in this flow</h3>
          <ul class="attack-later">
            {later.map((told) => (
              <li key={told.id}>
                {told.title} <span class="section">after step {positionOf(told)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

interface AttackProps {
  readonly told: ToldAttack
  readonly flow: string
  readonly result: AttackResult | undefined
  /** Its result is the last one of all. */
  readonly latest: boolean
  readonly busy: boolean
  readonly attack: (id: string) => void
}

function Attack({ told, flow, result, latest, busy, attack }: AttackProps): VNode {
  return (
    <li class="attack">
      <h3 id={`attack-${told.id}-title`}>{told.title}</h3>
      <p>
        {told.thief}
        {told.costs !== undefined && <span class="costs">Mind: {told.costs}</span>}
      </p>
      <button
        type="button"
        class="button of-thief"
        id={`attack-${told.id}`}
        aria-describedby={`attack-${told.id}-title`}
        aria-disabled={busy}
        onClick={() => !busy && attack(told.id)}
      >
        {result === undefined ? 'Try it' : 'Try it again'}
      </button>
      {result !== undefined && (
        // What was tried before shrinks to a line, but a thief who got in stays in sight.
        <details class="outcome" key={String(latest)} open={latest || result.verdict === 'won'}>
          <summary>
            <MarkIcon outcome={MARKS[result.verdict]} />
            {inShort(told, result)}
          </summary>
          <Result told={told} flow={flow} result={result} />
        </details>
      )}
    </li>
  )
}

const MARKS = { refused: 'passed', won: 'refused', 'no answer': 'no answer' } as const

function inShort(told: ToldAttack, result: AttackResult): string {
  const { verdict, caught } = result
  if (verdict === 'won') return 'The thief got in'
  if (verdict === 'no answer') return 'No answer came'
  if (gotNothing({ told, result })) return 'The thief got nothing'
  return caught === undefined ? 'Refused' : `Refused at ${caught.about}: ${caught.check}`
}

/** How it stands between the thief and the server. */
export function score(results: readonly AttackResult[]): string {
  const last = new Map(results.map((result) => [result.attack, result.verdict]))
  const count = (verdict: AttackResult['verdict']): number => [...last.values()].filter((one) => one === verdict).length
  const [won, silent] = [count('won'), count('no answer')]
  return [
    `${last.size} tried`,
    `${count('refused')} refused`,
    ...(won === 0 ? [] : [`${won} got in`]),
    ...(silent === 0 ? [] : [`${silent} without an answer`]),
  ].join(', ')
}
