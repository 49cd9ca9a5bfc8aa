/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { ToldBinding } from './binding-rows.ts'

/** The key and every place that has named it so far; those of the message that is shown stand out. */
export function Binding({ told }: { readonly told: readonly ToldBinding[] }): VNode | null {
  if (told.length === 0) return null
  return (
    <section class="binding">
      {told.map(({ title, say, value, rows }) => (
        <>
          <h3>{title}</h3>
          <p class="quiet">{say}</p>
          <ol>
            {rows.map(({ number, titles, value: there, here }, index) => {
              const same = there === value
              return (
                <li class={here ? 'here' : undefined}>
                  <span class="binding-place">
                    {number} · {titles.join(', ')}
                    {here && <span class="tag">in this message</span>}
                  </span>
                  {(index === 0 || here || !same) && (
                    <code class={same ? 'value' : 'value other'}>{same ? <mark class="same">{there}</mark> : there}</code>
                  )}
                  {(index > 0 || !same) && <span class={same ? 'equal' : 'equal other'}>{same ? '= the same key' : '≠ another key'}</span>}
                </li>
              )
            })}
          </ol>
        </>
      ))}
    </section>
  )
}
