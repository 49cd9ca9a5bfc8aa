/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { FormFault } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import { PasskeyForm } from './passkey.tsx'
import type { SecondFactorModel } from './models.ts'

const FAULT = 'code-fault'

/** Asks for the second factor: a code, a passkey, or whichever of the two the person takes. */
export function SecondFactor(m: SecondFactorModel): VNode {
  const failed = m.fault !== undefined
  const title = m.byCode ? 'One-time code' : 'Passkey'
  return (
    <Layout title={failed ? `Error: ${title}` : title} stylesheetHref={m.stylesheetHref}>
      <h1>{m.byCode ? 'Enter your one-time code' : 'Use your passkey'}</h1>
      <p class="lede">
        for <bdi>{m.username}</bdi>, to continue to{' '}
        <strong>
          <bdi>{m.clientName}</bdi>
        </strong>
        {m.stepUp && ', which asks for more than your password'}
      </p>
      <FormFault id={FAULT} said={m.fault} />
      {m.byCode && <CodeForm {...m} />}
      {m.passkey !== undefined && !m.byCode && (
        <noscript>
          <p>Passkeys need JavaScript, which is off in this browser.</p>
        </noscript>
      )}
      {m.passkey !== undefined && (
        <PasskeyForm passkey={m.passkey} action={m.action} csrf={m.csrf} label="Use your passkey" primary={!m.byCode} />
      )}
      <form method="post" action={m.action} class="away">
        <input type="hidden" name="csrf" value={m.csrf} />
        <button class="button" id="code-restart" type="submit" name="answer" value="restart">
          Sign in as somebody else
        </button>
      </form>
    </Layout>
  )
}

function CodeForm(m: SecondFactorModel): VNode {
  return (
    <form method="post" action={m.action}>
      <input type="hidden" name="csrf" value={m.csrf} />
      <div class="field">
        <label for="code">Code from your authenticator app</label>
        <input
          id="code"
          name="code"
          type="text"
          inputmode="numeric"
          autocomplete="one-time-code"
          autocapitalize="none"
          spellcheck={false}
          required
          autofocus
          {...(m.fault === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': FAULT })}
        />
      </div>
      <button class="button primary" id="code-submit" type="submit">
        Continue
      </button>
    </form>
  )
}
