/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Destination, FormFault } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import { PasskeyForm } from './passkey.tsx'
import type { SignInModel } from './models.ts'

const FAULT = 'login-fault'

/**
 * Asks for user name and password. No `maxlength`: browsers cut a pasted password silently, and the server
 * has its own limit. The person's hands start where the next thing is to be typed.
 */
export function SignIn(m: SignInModel): VNode {
  const failed = m.fault !== undefined
  const described = failed ? { 'aria-invalid': true, 'aria-describedby': FAULT } : {}
  return (
    <Layout title={failed ? 'Error: Sign in' : 'Sign in'} stylesheetHref={m.stylesheetHref}>
      <h1>Sign in</h1>
      <Destination clientName={m.clientName} />
      <FormFault id={FAULT} said={m.fault} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <div class="field">
          <label for="username">Username</label>
          <input
            id="username"
            name="username"
            type="text"
            autocomplete={m.passkey === undefined ? 'username' : 'username webauthn'}
            autocapitalize="none"
            spellcheck={false}
            required
            value={m.username}
            autofocus={m.username === ''}
            {...described}
          />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            autofocus={m.username !== ''}
            {...described}
          />
        </div>
        <button class="button primary" id="login-submit" type="submit">
          Sign in
        </button>
      </form>
      {m.passkey !== undefined && <PasskeyForm passkey={m.passkey} action={m.action} csrf={m.csrf} label="Sign in with a passkey" />}
      {m.signUp && (
        <form method="post" action={m.action}>
          <input type="hidden" name="csrf" value={m.csrf} />
          <button class="button" id="login-create" type="submit" name="answer" value="create">
            Create an account
          </button>
        </form>
      )}
    </Layout>
  )
}
