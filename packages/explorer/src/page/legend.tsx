/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { PlacedThread } from './diagram-layout.ts'

/** What the violet thread is, for who meets it the first time; nothing where there is none. */
export function Legend({ threads }: { readonly threads: readonly PlacedThread[] }): VNode | null {
  const knots = threads.flatMap((one) => one.knots)
  if (knots.length === 0) return null
  return (
    <p id="legend" class="legend">
      <span class="legend-knot" aria-hidden="true">
        ◆
      </span>{' '}
      one key: <code>jkt</code> its thumbprint (the SHA-256 of the public key) in the request, <code>key</code> the public half in a proof,{' '}
      <code>cnf</code> its thumbprint in the token.
      {knots.some(({ broken }) => broken) && (
        <>
          {' '}
          <span class="legend-knot other" aria-hidden="true">
            ◇
          </span>{' '}
          another key.
        </>
      )}
    </p>
  )
}
