/** @jsxImportSource preact */
import type { VNode } from 'preact'

/** No and yes, of one weight: the page takes no side. Forms post `answer` = `deny` or `allow`. */
export function Choice({ denyId, allowId }: { readonly denyId: string; readonly allowId: string }): VNode {
  return (
    <div class="choice">
      <button class="button" id={denyId} name="answer" value="deny" type="submit">
        Don’t allow
      </button>
      <button class="button" id={allowId} name="answer" value="allow" type="submit">
        Allow
      </button>
    </div>
  )
}
