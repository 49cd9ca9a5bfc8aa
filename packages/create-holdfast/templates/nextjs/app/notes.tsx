'use client'

import { type ReactNode, useState } from 'react'

interface Answer {
  readonly status: number
  readonly body: { readonly error?: string; readonly login_url?: string }
}

/** Other sites cannot set it: it says that a request is this page's own. */
const headers = { 'x-holdfast-csrf': '1' }

export function Notes(): ReactNode {
  const [answer, setAnswer] = useState<Answer>()
  const ask = (method: string) => async () => {
    const response = await fetch('/api/notes', { method, headers })
    setAnswer({ status: response.status, body: (await response.json()) as Answer['body'] })
  }
  return (
    <>
      <nav>
        <button id="call" onClick={ask('GET')}>
          See notes
        </button>
        <button id="delete" onClick={ask('DELETE')}>
          Delete notes
        </button>
        <button id="sign-out" onClick={signOut}>
          Sign out
        </button>
      </nav>
      {answer !== undefined && <Shown answer={answer} />}
    </>
  )
}

function Shown({ answer: { status, body } }: { readonly answer: Answer }): ReactNode {
  const { login_url: loginUrl } = body
  return (
    <section aria-live="polite">
      <pre>
        <span id="status">{status}</span> {JSON.stringify(body)}
      </pre>
      {loginUrl !== undefined && (
        <p>
          The API asks for a stronger sign-in.{' '}
          <button id="step-up" onClick={() => goTo(loginUrl + encodeURIComponent(location.pathname))}>
            Confirm that it is you
          </button>
        </p>
      )}
    </section>
  )
}

async function signOut(): Promise<void> {
  const response = await fetch('/bff/logout', { method: 'POST', headers })
  const { location: next } = (await response.json()) as { readonly location: string }
  goTo(next)
}

/** The whole window: signing in and out are other pages. */
function goTo(url: string): void {
  location.href = url
}
