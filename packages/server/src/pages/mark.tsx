/** @jsxImportSource preact */
import type { VNode } from 'preact'

/** An H whose bar is a ring: two posts that hold it fast. */
export function Mark(): VNode {
  return (
    <svg class="mark" viewBox="5 3 22 26" width="22" height="26" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" stroke-linecap="round">
        <path d="M7 5v22M25 5v22" stroke-width="4" />
        <circle cx="16" cy="16" r="5.5" stroke-width="3" />
      </g>
    </svg>
  )
}

/** The same as the tab's icon. Without one, browsers ask for /favicon.ico at every first visit. */
export const iconHref: string =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6450"/>' +
      '<g fill="none" stroke="#fff" stroke-linecap="round"><path d="M9 8v16M23 8v16" stroke-width="3"/>' +
      '<circle cx="16" cy="16" r="4" stroke-width="2.4"/></g></svg>',
  )
