/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Back } from './account-factors.tsx'
import type { AddPasskeyModel, AuthenticatorAppModel } from './account-models.ts'
import { FormFault } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import { PasskeyForm } from './passkey.tsx'
import { QrCode } from './qr-code.tsx'

const FAULT = 'code-fault'

/** Shows a new app its secret, as a picture and as text, and asks for the first code of it. */
export function AuthenticatorApp(m: AuthenticatorAppModel): VNode {
  const failed = m.fault !== undefined
  return (
    <Layout title={failed ? 'Error: Authenticator app' : 'Authenticator app'} stylesheetHref={m.stylesheetHref}>
      <h1>Set up an authenticator app</h1>
      {m.replaces && <p class="lede">It takes the place of the one that you have, once you have entered a code of the new one.</p>}
      <FormFault id={FAULT} said={m.fault} />
      <ol class="steps">
        <li>
          Scan this picture with the app.
          <QrCode text={m.uri} label="QR code for your authenticator app. The key below says the same in letters." />
          <p id="secret-label">Or type this key into it:</p>
          <code class="secret" id="secret" aria-labelledby="secret-label">
            {(m.secret.match(/.{1,4}/g) ?? []).join(' ')}
          </code>
          <span class="detail">Show it to nobody: it makes all your codes.</span>
        </li>
        <li>
          Enter the code that the app shows.
          <form method="post" action={m.action}>
            <input type="hidden" name="csrf" value={m.csrf} />
            <div class="field">
              <label for="code">Code from the app</label>
              <input
                id="code"
                name="code"
                type="text"
                inputmode="numeric"
                autocomplete="one-time-code"
                autocapitalize="none"
                spellcheck={false}
                required
                autofocus={failed}
                {...(failed ? { 'aria-invalid': true, 'aria-describedby': FAULT } : {})}
              />
            </div>
            <button class="button primary" id="code-submit" type="submit">
              Turn it on
            </button>
          </form>
        </li>
      </ol>
      <Back {...m.back} />
    </Layout>
  )
}

/** Has the browser make a passkey. */
export function AddPasskey(m: AddPasskeyModel): VNode {
  const failed = m.fault !== undefined
  return (
    <Layout title={failed ? 'Error: Add a passkey' : 'Add a passkey'} stylesheetHref={m.stylesheetHref}>
      <h1>Add a passkey</h1>
      <p class="lede">Your device or password manager makes it and keeps it. It asks for your PIN, finger or face.</p>
      <FormFault id="add-fault" said={m.fault} />
      <noscript>
        <p>Passkeys need JavaScript, which is off in this browser.</p>
      </noscript>
      <p id="passkey-missing" hidden>
        This browser cannot make passkeys. Use another one, or set up an authenticator app.
      </p>
      <PasskeyForm passkey={m.passkey} action={m.action} csrf={m.csrf} label="Make the passkey">
        <div class="field">
          <label for="passkey-name">Name, to tell it from others</label>
          <input id="passkey-name" name="passkey_name" type="text" autocomplete="off" required maxlength={60} value={m.name} />
        </div>
      </PasskeyForm>
      <Back {...m.back} />
    </Layout>
  )
}
