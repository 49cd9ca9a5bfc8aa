import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'

/** The look of the example's pages: small, light and dark. */
export const stylesheet: string = `
:root { color-scheme: light dark; --line: #d5ddd9; --accent: #0b6e4f; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --line: #33413c; --accent: #5fd3a8; --on: #06281c } }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 }
h2 { font-size: 1.1rem; margin-top: 2rem }
form { display: inline-block; margin: .25rem .5rem .25rem 0 }
button, .button { font: inherit; display: inline-block; min-height: 44px; padding: .55rem 1rem; border-radius: .6rem; border: 1px solid var(--accent); background: none; color: inherit; cursor: pointer; text-decoration: none; box-sizing: border-box }
.primary { background: var(--accent); color: var(--on) }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .6rem; padding: .8rem; font-size: .85rem }
dt { font-weight: 600 } dd { margin: 0 0 .6rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
a { color: inherit }
[hidden] { display: none }
`

export function page(title: string, children: ComponentChildren): string {
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(document)}`
}

export interface Outcome {
  readonly title: string
  readonly status: number
  readonly challenge: string | undefined
  readonly body: string
}

export const SignedOut = (): VNode => (
  <>
    <p>A web application with a back end. It signs people in at Holdfast by PAR, PKCE and DPoP, and keeps every token on its own server.</p>
    <form method="post" action="/login">
      <button class="primary" id="sign-in">
        Sign in with Holdfast
      </button>
    </form>
  </>
)

export const SignedIn = ({
  name,
  expiresIn,
  csrf,
  outcome,
}: {
  readonly name: string
  readonly expiresIn: number | undefined
  readonly csrf: string
  readonly outcome: Outcome | undefined
}): VNode => (
  <>
    <p>
      You are signed in as <strong id="who">{name}</strong>. The access token lives {expiresIn ?? '?'} seconds and is bound to a key that
      only this application has.
    </p>
    <h2>Use it</h2>
    <Action action="/call" label="Call the API" csrf={csrf} primary />
    <Action action="/refresh" label="Refresh the tokens" csrf={csrf} />
    <h2>Steal it</h2>
    <p>Somebody copied the access token. Try it as they would:</p>
    <Action action="/steal-bearer" label="Show it as Bearer" csrf={csrf} />
    <Action action="/steal-key" label="Prove it with another key" csrf={csrf} />
    {outcome !== undefined && (
      <section aria-live="polite" id="outcome">
        <h2>{outcome.title}</h2>
        <dl>
          <dt>Status</dt>
          <dd id="outcome-status">{outcome.status}</dd>
          {outcome.challenge !== undefined && (
            <>
              <dt>WWW-Authenticate</dt>
              <dd>
                <pre>{outcome.challenge}</pre>
              </dd>
            </>
          )}
        </dl>
        <pre>{outcome.body}</pre>
      </section>
    )}
    <h2>Done?</h2>
    <Action action="/logout" label="Sign out here" csrf={csrf} />
  </>
)

const Action = ({
  action,
  label,
  csrf,
  primary,
}: {
  readonly action: string
  readonly label: string
  readonly csrf: string
  readonly primary?: boolean
}): VNode => (
  <form method="post" action={action}>
    <input type="hidden" name="csrf" value={csrf} />
    <button id={action.slice(1)} class={primary === true ? 'primary' : undefined}>
      {label}
    </button>
  </form>
)

export const Failure = ({ reason }: { readonly reason: string }): VNode => (
  <>
    <p id="failure">{reason}</p>
    <p>
      <a class="button" href="/">
        Start again
      </a>
    </p>
  </>
)
