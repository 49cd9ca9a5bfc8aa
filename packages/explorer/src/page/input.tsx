/** @jsxImportSource preact */
import type { VNode } from 'preact'

export interface InputProps {
  readonly id: string
  readonly label: string
  readonly hint?: string
  readonly value: string
  readonly fault?: string | undefined
  readonly change: (value: string) => void
}

/** A field with its hint and its fault, which a screen reader hears with it. */
export function Input({ id, label, hint, value, fault, change }: InputProps): VNode {
  const about = [hint !== undefined && `${id}-hint`, fault !== undefined && `${id}-fault`].filter((one) => one !== false).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <input
        id={id}
        value={value}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={fault !== undefined}
        {...(about !== '' && { 'aria-describedby': about })}
        onInput={(event) => change(event.currentTarget.value)}
      />
      {fault !== undefined && (
        <span class="field-fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  )
}
