/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { Outcome } from './outcome.ts'

const PATHS: Readonly<Record<Outcome, string>> = {
  passed: 'M4.4 8.2l2.5 2.6 4.8-5.4',
  refused: 'M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6',
  again: 'M11.3 6.2A3.8 3.8 0 1 0 11.8 8.6M11.6 3.8v2.6H9',
  'no answer': 'M4.6 8h.1M8 8h.1M11.4 8h.1',
}

/** A shape for each outcome, so that colour is never alone: a disc that passed, a square that refused. */
export function MarkShape({ outcome }: { readonly outcome: Outcome }): VNode {
  return (
    <g class={`mark-${outcome.replace(' ', '-')}`}>
      {outcome === 'refused' ? (
        <rect class="mark-ground" x="1" y="1" width="14" height="14" rx="3" />
      ) : (
        <circle class="mark-ground" cx="8" cy="8" r="7" />
      )}
      <path class="mark-line" d={PATHS[outcome]} />
    </g>
  )
}

/** The same within text. What it means stands beside it in words. */
export function MarkIcon({ outcome }: { readonly outcome: Outcome }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <MarkShape outcome={outcome} />
    </svg>
  )
}

/** Whose page this is: an H whose bar is a ring. */
export function Brand(): VNode {
  return (
    <svg class="mark" viewBox="5 3 22 26" width="20" height="24" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-linecap="round">
        <path d="M7 5v22M25 5v22" stroke-width="4" />
        <circle cx="16" cy="16" r="5.5" stroke-width="3" />
      </g>
    </svg>
  )
}
