/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { Explanation } from './ports.ts'

/** One line under a value: what it is for, and where that is written. */
export function Explained({ explanation }: { readonly explanation: Explanation | undefined }): VNode | null {
  if (explanation === undefined) return null
  return (
    <span class="explained">
      {explanation.text} <span class="section">{explanation.section}</span>
    </span>
  )
}
