/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { type Diagram, type PlacedLane, type PlacedRow, SIZES } from './diagram-layout.ts'
import { DiagramThread } from './diagram-thread.tsx'
import { MarkShape } from './marks.tsx'
import { arrowLabel } from './arrow-label.ts'
import { linkTo } from './route.ts'

export interface DiagramProps {
  readonly flow: string
  readonly title: string
  readonly diagram: Diagram
  readonly names: ReadonlyMap<string, string>
  /** The id of the exchange that the detail shows. */
  readonly shown: string | undefined
}

/**
 * The picture is its own list: each row is a link with the whole of it in words, in the order of the run, so that Tab and a screen
 * reader go through it like the eye. Everything else in it is ornament and hidden from them.
 */
export function SequenceDiagram({ flow, title, diagram, names, shown }: DiagramProps): VNode {
  const { width, height, lanes, rows, threads } = diagram
  const end = height - 8
  return (
    <svg class="sequence" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="list" aria-label={`Sequence of ${title}`}>
      <g aria-hidden="true">
        {lanes.map((lane) => (
          <LaneLine lane={lane} end={end} widest={(width - diagram.left) / lanes.length - 6} />
        ))}
      </g>
      {rows.map((row) => (
        <g key={row.exchange.id} role="listitem">
          <Row
            row={row}
            diagram={diagram}
            href={linkTo(flow, row.exchange.id)}
            label={arrowLabel(row, names)}
            shown={row.exchange.id === shown}
          />
        </g>
      ))}
      <g aria-hidden="true">
        {threads.map((placed) => (
          <DiagramThread key={placed.thread.id} placed={placed} />
        ))}
      </g>
    </svg>
  )
}

function LaneLine({ lane, end, widest }: { readonly lane: PlacedLane; readonly end: number; readonly widest: number }): VNode {
  const half = Math.min(Math.max(...lane.lines.map((line) => line.length)) * 6.8 + 16, widest) / 2
  return (
    <g class={lane.id === 'thief' ? 'lane thief' : 'lane'}>
      <line class="lane-line" x1={lane.x} y1={46} x2={lane.x} y2={end} />
      <rect class="lane-box" x={lane.x - half} y={6} width={half * 2} height={40} rx={9} />
      {lane.lines.map((line, index) => (
        <text class="lane-name" x={lane.x} y={(lane.lines.length === 1 ? 30 : 23) + index * 15} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  )
}

interface RowProps {
  readonly row: PlacedRow
  readonly diagram: Diagram
  readonly href: string
  readonly label: string
  readonly shown: boolean
}

function Row({ row, diagram, href, label, shown }: RowProps): VNode {
  const { top, from, to, exchange, outcome } = row
  const thief = exchange.thief === true
  const kind = [thief && 'thief', `is-${outcome.replace(' ', '-')}`, shown && 'shown'].filter((one) => one !== false)
  const request = top + SIZES.request
  const response = top + SIZES.response
  const middle = (from + to) / 2
  const width = row.came.length * 6.9 + 20
  return (
    <a id={`arrow-${exchange.id}`} class={`row ${kind.join(' ')}`} href={href} {...(shown && { 'aria-current': 'true' })}>
      <rect class="row-ground" x={diagram.left - 6} y={top + 1} width={diagram.width - diagram.left} height={SIZES.row - 4} rx={8} />
      {thief && <rect class="row-edge" x={diagram.left - 6} y={top + 9} width={3} height={SIZES.row - 20} rx={1.5} />}
      <text class="spoken" x={diagram.left} y={top + 22}>
        {label}
      </text>
      <g aria-hidden="true">
        <text class="row-number" x={diagram.left + 4} y={top + 22}>
          {row.number}
        </text>
        <text class="row-title" x={diagram.left + 25} y={top + 22}>
          {row.title}
        </text>
        <text class="row-sent" x={middle} y={request - 7} text-anchor="middle">
          {row.sent}
        </text>
        <Arrow from={from} to={to} y={request} kind="sent" />
        {exchange.oneWay !== true && (
          <>
            {exchange.response === undefined ? (
              <line class="cut-off" x1={to} y1={response - 5} x2={to} y2={response + 5} />
            ) : (
              <Arrow from={to} to={from} y={response} kind="came" />
            )}
            <g transform={`translate(${middle - width / 2} ${response - 20})`}>
              <MarkShape outcome={outcome} />
            </g>
            <text class="row-came" x={middle - width / 2 + 21} y={response - 8}>
              {row.came}
            </text>
          </>
        )}
      </g>
    </a>
  )
}

function Arrow({ from, to, y, kind }: { readonly from: number; readonly to: number; readonly y: number; readonly kind: string }): VNode {
  const way = to > from ? 1 : -1
  // To itself: a short hook.
  const line = from === to ? `M${from} ${y - 8}h26v8h-20` : `M${from + way * 2} ${y}H${to - way * 4}`
  const tip = from === to ? from + 3 : to - way * 2
  const back = from === to ? 1 : -way
  return (
    <g class={`arrow ${kind}`}>
      <path class="arrow-line" d={line} />
      {kind === 'sent' ? (
        <path class="arrow-tip" d={`M${tip} ${y}l${back * 9} -5v10z`} />
      ) : (
        <path class="arrow-line arrow-open" d={`M${tip + back * 8} ${y - 4.5}L${tip} ${y}l${back * 8} 4.5`} />
      )}
    </g>
  )
}
