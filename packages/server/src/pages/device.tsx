/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Choice } from './choice.tsx'
import { Stranger, Wishes } from './consent.tsx'
import { FormFault } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import type { DeviceConfirmModel, DeviceEntryModel } from './models.ts'

const FAULT = 'code-fault'

/** Asks for the code that a device shows. The warning stands before the field: it is for those who were sent here. */
export function DeviceEntry(m: DeviceEntryModel): VNode {
  const failed = m.fault !== undefined
  const described = failed ? { 'aria-invalid': true, 'aria-describedby': `${FAULT} code-origin` } : { 'aria-describedby': 'code-origin' }
  return (
    <Layout title={failed ? 'Error: Connect a device' : 'Connect a device'} stylesheetHref={m.stylesheetHref}>
      <h1>Connect a device</h1>
      <p class="lede" id="code-origin">
        Type the code that your own device shows. Do not type a code that somebody sent or told you: it would give them access to your
        account.
      </p>
      <FormFault id={FAULT} said={m.fault} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <div class="field">
          <label for="user-code">Code</label>
          <input
            id="user-code"
            name="user_code"
            type="text"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            required
            value={m.userCode}
            autofocus
            {...described}
          />
        </div>
        <button class="button primary" id="code-submit" type="submit">
          Continue
        </button>
      </form>
    </Layout>
  )
}

/** Shows who asks, from where and for what, and the code once more. Both buttons are equal in weight, and neither has the focus. */
export function DeviceConfirm(m: DeviceConfirmModel): VNode {
  return (
    <Layout title="Connect this device?" stylesheetHref={m.stylesheetHref}>
      <h1>
        Connect <bdi>{m.clientName}</bdi>?
      </h1>
      <p class="lede">
        A device asks for access to your account. Go on only if it is in front of you and shows this code. If somebody sent you the code, do
        not allow it.
      </p>
      <dl class="facts">
        <div>
          <dt>Code on the device</dt>
          <dd>
            <code id="confirm-code">{m.userCode}</code>
          </dd>
        </div>
        <div>
          <dt>Signed in as</dt>
          <dd>
            <bdi>{m.subjectName}</bdi>
          </dd>
        </div>
        <div>
          <dt>Asked from</dt>
          <dd>{placeOf(m)}</dd>
        </div>
        <div>
          <dt>Asked at</dt>
          <dd>
            <time datetime={m.requestedAt.toISOString()}>{timeOf(m.requestedAt)}</time>
          </dd>
        </div>
      </dl>
      {m.stranger !== undefined && <Stranger {...m.stranger} id="stranger" />}
      <Wishes clientName={m.clientName} permissions={m.permissions} details={m.details} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <input type="hidden" name="request" value={m.request} />
        <Choice denyId="device-deny" allowId="device-allow" />
      </form>
    </Layout>
  )
}

function placeOf({ address, sameAddress }: DeviceConfirmModel): string {
  if (address === '') return 'an unknown network address'
  return sameAddress ? `${address}, the network address that you use now` : `${address}, which is not the network address that you use now`
}

/** In UTC, said so: the server does not know the person's clock. */
export function timeOf(time: Date): string {
  return `${time.toISOString().slice(11, 16)} UTC`
}
