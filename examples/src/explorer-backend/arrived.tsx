import type { VNode } from 'preact'

/** Where a browser ends that the explorer sent through a sign-in. The code in the address is already with the back end. */
export function Arrived({ awaited }: { readonly awaited: boolean }): VNode {
  return awaited ? (
    <p id="arrived">The application has what it needs. Close this window and go on in the explorer.</p>
  ) : (
    <p id="arrived">The run that this belongs to is over. Close this window and begin a new run in the explorer.</p>
  )
}
