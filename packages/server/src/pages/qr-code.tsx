/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { encode } from 'uqr'

/** ISO/IEC 18004 §6.3.8: a margin of four modules, or cameras do not find it. */
const QUIET_ZONE = 4

/**
 * A text as a QR code: one path of rows, black on a white square of its own, since in a dark page an inverted code is read
 * by few cameras.
 */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): VNode {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE })
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      width={size * 4}
      height={size * 4}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={data.map(rowOf).join('')} />
    </svg>
  )
}

/** The black runs of one row. */
function rowOf(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true) continue
    const from = x
    while (row[x + 1] === true) x++
    const length = x - from + 1
    path += `M${from} ${y}h${length}v1h-${length}z`
  }
  return path
}
