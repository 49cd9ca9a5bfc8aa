/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Destination } from './form-parts.tsx'
import { Layout } from './layout.tsx'
import type { SelectAccountModel } from './models.ts'

/** Asks whose account it is to be: each person who is signed in here has a button, and so has somebody else. */
export function SelectAccount(m: SelectAccountModel): VNode {
  return (
    <Layout title="Choose an account" stylesheetHref={m.stylesheetHref}>
      <h1>Choose an account</h1>
      <Destination clientName={m.clientName} />
      <form method="post" action={m.action} id="select-account">
        <input type="hidden" name="csrf" value={m.csrf} />
        {m.people.map(({ reference, displayName, username }) => (
          <button class="button account" name="account" value={reference} type="submit" key={reference}>
            <bdi>{displayName}</bdi>
            {displayName !== username && (
              <span class="detail">
                <bdi>{username}</bdi>
              </span>
            )}
          </button>
        ))}
        <button class="button" id="account-other" name="account" value="other" type="submit">
          Use another account
        </button>
      </form>
    </Layout>
  )
}
