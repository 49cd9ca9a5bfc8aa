/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Layout } from './layout.tsx'
import type { LogoutConfirmModel, SignedOutModel } from './models.ts'

/** Asks before anybody is signed out: a link of another site must not do it (LOGO-04). Says who would be. */
export function LogoutConfirm(m: LogoutConfirmModel): VNode {
  return (
    <Layout title="Sign out?" stylesheetHref={m.stylesheetHref}>
      <h1>Sign out?</h1>
      <p class="lede">
        {m.clientName !== undefined && (
          <>
            <bdi>{m.clientName}</bdi> asks to sign you out.{' '}
          </>
        )}
        You are signed in here as:
      </p>
      <ul class="permissions" id="logout-people">
        {m.people.map((name) => (
          <li>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
      <form id="logout-confirm" method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <input type="hidden" name="request" value={m.request} />
        <div class="choice">
          <button class="button" id="logout-stay" name="answer" value="deny" type="submit">
            Stay signed in
          </button>
          <button class="button" id="logout-out" name="answer" value="allow" type="submit">
            Sign out
          </button>
        </div>
      </form>
    </Layout>
  )
}

/**
 * Says what happened. The frames tell applications through the browser (Front-Channel Logout §2); they may run their scripts
 * and read their own cookies, and cannot lead this page elsewhere.
 */
export function SignedOut(m: SignedOutModel): VNode {
  return (
    <Layout title={m.title} stylesheetHref={m.stylesheetHref}>
      <div id="logout-result">
        <h1>{m.title}</h1>
        <p class="lede">{m.explanation}</p>
      </div>
      {m.onwards !== undefined && (
        <p class="way-on">
          <a class="button" id="logout-continue" href={m.onwards.href} rel="noreferrer">
            Continue to <bdi>{m.onwards.label}</bdi>
          </a>
        </p>
      )}
      {m.frames.map(({ title, src }) => (
        // oxlint-disable-next-line react/iframe-missing-sandbox -- a frame could lift it only if it were of our own origin
        <iframe hidden src={src} title={title} sandbox="allow-scripts allow-same-origin allow-forms" />
      ))}
      {m.scriptHref !== undefined && <script src={m.scriptHref} defer />}
    </Layout>
  )
}
