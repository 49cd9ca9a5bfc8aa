/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useContext } from 'preact/hooks'
import { ReadingContext } from './context.ts'
import { segments } from './message-parts.ts'

/** A value as it is, with every thumbprint of a key of this run marked: equal ones look equal. */
export function Value({ text }: { readonly text: string }): VNode {
  const { threads } = useContext(ReadingContext)
  // What a receiver writes in place of a secret: no value that was ever sent.
  if (text === HIDDEN)
    return (
      <code class="value">
        <i>(hidden)</i>
      </code>
    )
  const parts = segments(
    text,
    threads.map((thread) => thread.value),
  )
  return <code class="value">{parts.map((part) => (part.same ? <mark class="same">{part.text}</mark> : part.text))}</code>
}

const HIDDEN = 'hidden'

/** A JWT in its three colours. What they mean stands below it, by name. */
export function JwtText({ jwt }: { readonly jwt: string }): VNode {
  const [header = '', payload = '', ...rest] = jwt.split('.')
  return (
    <code class="value jwt-text">
      <span class="jwt-header">{header}</span>.<span class="jwt-payload">{payload}</span>
      {rest.length > 0 && (
        <>
          .<span class="jwt-signature">{rest.join('.')}</span>
        </>
      )}
    </code>
  )
}
