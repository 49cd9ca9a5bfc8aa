/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { Thread } from './ports.ts'

/** The key and every place that has named it so far; those of the exchange that is shown stand out. */
export function Binding({ threads, exchange }: { readonly threads: readonly Thread[]; readonly exchange: string }): VNode | null {
  const here = threads.filter((thread) => thread.parts.some((part) => part.exchange === exchange))
  if (here.length === 0) return null
  return (
    <section class="binding">
      {here.map((thread) => (
        <>
          <h3>{thread.title}</h3>
          <p class="quiet">{thread.say}</p>
          <ol>
            {thread.parts.map((part) => {
              const same = part.value === thread.value
              return (
                <li class={part.exchange === exchange ? 'here' : undefined}>
                  <span class="binding-place">
                    {part.title}
                    {part.exchange === exchange && <span class="tag">in this message</span>}
                  </span>
                  <code class={same ? 'value' : 'value other'}>{same ? <mark class="same">{part.value}</mark> : part.value}</code>
                  <span class={same ? 'equal' : 'equal other'}>{same ? '= the same key' : '≠ another key'}</span>
                </li>
              )
            })}
          </ol>
        </>
      ))}
    </section>
  )
}
