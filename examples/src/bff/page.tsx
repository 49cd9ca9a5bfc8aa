import { page } from '../backend-client/pages.tsx'

/** What there is before its script has asked who is signed in. */
export const html: string = page(
  'Example page without tokens',
  <>
    <p>
      A single page with a backend of its own. The backend signs you in at Holdfast, keeps every token, and calls the API for this page. The
      page has a cookie that its script cannot read.
    </p>
    <p id="who" role="status">
      Asking who is signed in …
    </p>
    <p>
      <a class="button primary" id="sign-in" href="/bff/login?return_to=%2F">
        Sign in
      </a>{' '}
      <button type="button" id="call" hidden>
        Call the API
      </button>{' '}
      <button type="button" id="sign-out" hidden>
        Sign out
      </button>
    </p>
    <pre id="answer" role="status" hidden />
    <noscript>
      <p>This page needs scripts.</p>
    </noscript>
    <script type="module" src="/main.js" />
  </>,
)
