/** @jsxImportSource preact */
import type { VNode } from 'preact'

/** Under the heading: whose request the person is in the middle of. A stranger's name, so it cannot turn the line around. */
export function Destination({ clientName }: { readonly clientName: string }): VNode {
  return (
    <p class="lede">
      to continue to{' '}
      <strong>
        <bdi>{clientName}</bdi>
      </strong>
    </p>
  )
}

/** What was wrong with the form, said aloud by a screen reader; fields point at it by `id`. Nothing when there is nothing to say. */
export function FormFault({ id, said }: { readonly id: string; readonly said: string | undefined }): VNode | null {
  return said === undefined ? null : (
    <p class="fault" id={id} role="alert">
      {said}
    </p>
  )
}
