/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { PasskeyModel } from './models.ts'

/** A form of its own, which a script shows where the browser knows passkeys. `label` says what its button does. */
export function PasskeyForm({
  passkey,
  action,
  csrf,
  label,
  primary = false,
  children,
}: {
  readonly passkey: PasskeyModel
  readonly action: string
  readonly csrf: string
  readonly label: string
  /** It is what the page is for. */
  readonly primary?: boolean
  readonly children?: VNode | undefined
}): VNode {
  return (
    <form method="post" action={action} id="passkey-form" hidden data-options={passkey.options} data-creates={String(passkey.creates)}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="passkey_ticket" value={passkey.ticket} />
      <input type="hidden" name="passkey" value="" />
      {children}
      <button class={primary ? 'button primary' : 'button'} id="passkey-submit" type="submit">
        {label}
      </button>
      <p class="fault" id="passkey-fault" role="alert" hidden />
      <script type="module" src={passkey.scriptHref} />
    </form>
  )
}
