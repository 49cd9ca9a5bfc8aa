/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { PlacedThread } from './diagram-layout.ts'

/** The binding: one cord from knot to knot. A knot of another key hangs beside it, open. */
export function DiagramThread({ placed }: { readonly placed: PlacedThread }): VNode | null {
  const { knots, x } = placed
  const tied = knots.filter(({ broken }) => !broken)
  const [first] = tied
  const last = tied.at(-1)
  if (knots.length === 0) return null
  return (
    <g class="thread">
      {first !== undefined && last !== undefined && (
        <>
          <path class="cord" d={`M${x} ${first.y}V${last.y}`} />
          <path class="cord-core" d={`M${x} ${first.y}V${last.y}`} />
        </>
      )}
      {knots.map(({ y, shorts, arrow, broken }) => (
        <g class={broken ? 'knot broken' : 'knot'}>
          <path class="knot-strand" d={`M${x + 36} ${y}H${arrow - 6}`} />
          <path class="knot-shape" d={`M${x} ${y - 6}l6 6l-6 6l-6 -6z`} />
          {shorts.map((short, index) => (
            <text class="knot-name" x={x + 10} y={y + 4 + (index - (shorts.length - 1) / 2) * 12}>
              {short}
            </text>
          ))}
        </g>
      ))}
    </g>
  )
}
