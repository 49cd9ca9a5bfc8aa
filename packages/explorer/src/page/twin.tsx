/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { DiagramProps } from './diagram.tsx'
import { MarkIcon } from './marks.tsx'
import { answerLine, checksLine, pathOf } from './outcome.ts'
import { linkTo } from './route.ts'

/** The picture in words: the same rows in the same order, for small screens and for who reads rather than looks. */
export function TextTwin({ flow, title, diagram, names, shown }: DiagramProps): VNode {
  return (
    <ol id="twin" class="twin" aria-label={`Sequence of ${title}`}>
      {diagram.rows.map((row) => {
        const { exchange, outcome } = row
        const knots = diagram.threads.flatMap(({ thread }) => thread.parts.filter((part) => part.exchange === exchange.id))
        const checks = checksLine(exchange.findings)
        return (
          <li key={exchange.id} class={exchange.thief === true ? 'thief' : undefined}>
            <a
              id={`arrow-${exchange.id}`}
              class={exchange.id === shown ? 'twin-row shown' : 'twin-row'}
              href={linkTo(flow, exchange.id)}
              {...(exchange.id === shown && { 'aria-current': 'true' })}
            >
              <span class="twin-title">{exchange.title}</span>
              <span class="twin-way">
                {exchange.thief === true ? 'Thief' : (names.get(exchange.from) ?? exchange.from)} <span aria-hidden="true">→</span>
                <span class="unseen">to</span> {names.get(exchange.to) ?? exchange.to}
              </span>
              <code>
                {exchange.request.method} {pathOf(exchange.request.url)}
              </code>
              <span class="twin-came">
                <MarkIcon outcome={outcome} />
                <span>
                  {answerLine(exchange)}
                  {checks !== '' && <span class="quiet"> · {checks}</span>}
                </span>
              </span>
              {knots.map((part) => (
                <span class="twin-knot">{part.title}</span>
              ))}
            </a>
          </li>
        )
      })}
    </ol>
  )
}
