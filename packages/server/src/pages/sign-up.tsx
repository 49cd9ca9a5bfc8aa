/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Destination, FormFault } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import type { SignUpModel } from './models.ts'

const FAULT = 'sign-up-fault'
const WORDS: Readonly<Record<string, string>> = { username: 'The user name', password: 'The password', name: 'The name' }

/** Makes an account. The fault stands above, and the field that it is about points at it. */
export function SignUp(m: SignUpModel): VNode {
  const said = m.fault === undefined ? m.notice : `${WORDS[m.fault.field] ?? ''} ${m.fault.message}.`
  const about = (field: string): object => (m.fault?.field === field ? { 'aria-invalid': true, 'aria-describedby': FAULT } : {})
  return (
    <Layout title={said === undefined ? 'Create an account' : 'Error: Create an account'} stylesheetHref={m.stylesheetHref}>
      <h1>Create an account</h1>
      <Destination clientName={m.clientName} />
      <FormFault id={FAULT} said={said} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <div class="field">
          <label for="username">Username</label>
          <input
            id="username"
            name="username"
            type="text"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={m.username}
            autofocus
            {...about('username')}
          />
        </div>
        <div class="field">
          <label for="name">Your name (if you like)</label>
          <input id="name" name="name" type="text" autocomplete="name" value={m.name} {...about('name')} />
        </div>
        <div class="field">
          <label for="password">Password, at least 8 characters</label>
          <input id="password" name="password" type="password" autocomplete="new-password" required {...about('password')} />
        </div>
        <button class="button primary" id="sign-up-submit" type="submit">
          Create account
        </button>
      </form>
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <button class="button" id="sign-up-login" type="submit" name="answer" value="login">
          I have an account
        </button>
      </form>
    </Layout>
  )
}
