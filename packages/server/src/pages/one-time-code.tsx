/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Layout } from './layout.tsx'
import type { OneTimeCodeModel } from './models.ts'

const FAULT = 'code-fault'

/** Asks for the second factor. The way back needs no code, and stands after the button that the Enter key presses. */
export function OneTimeCode(m: OneTimeCodeModel): VNode {
  const failed = m.fault !== undefined
  return (
    <Layout title={failed ? 'Error: One-time code' : 'One-time code'} stylesheetHref={m.stylesheetHref}>
      <h1>Enter your one-time code</h1>
      <p class="lede">
        for <bdi>{m.username}</bdi>, to continue to{' '}
        <strong>
          <bdi>{m.clientName}</bdi>
        </strong>
      </p>
      {failed && (
        <p class="fault" id={FAULT} role="alert">
          {m.fault}
        </p>
      )}
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
            {...(failed ? { 'aria-invalid': true, 'aria-describedby': FAULT } : {})}
          />
        </div>
        <button class="button primary" id="code-submit" type="submit">
          Continue
        </button>
        <button class="button" id="code-restart" type="submit" name="answer" value="restart" formnovalidate>
          Sign in as somebody else
        </button>
      </form>
    </Layout>
  )
}
