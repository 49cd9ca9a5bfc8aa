import { type ReactNode, useState } from 'react'
import { type Answer, call, type Session, signIn } from './bff.ts'

export function App({ session }: { readonly session: Session }): ReactNode {
  return (
    <main>
      <h1>Notes</h1>
      {session.active ? (
        <SignedIn session={session} />
      ) : (
        <button id="sign-in" onClick={() => signIn(session.login_url)}>
          Sign in
        </button>
      )}
    </main>
  )
}

function SignedIn({ session }: { readonly session: Session & { readonly active: true } }): ReactNode {
  const [answer, setAnswer] = useState<Answer>()
  const ask = (method: string) => async () => setAnswer(await call(method, '/api/notes'))
  const { claims, logout_url: logoutUrl } = session
  return (
    <>
      <p>
        You are <strong id="who">{claims.name ?? claims.sub}</strong>, and this page holds no token.
      </p>
      <nav>
        <button id="call" onClick={ask('GET')}>
          See notes
        </button>
        <button id="delete" onClick={ask('DELETE')}>
          Delete notes
        </button>
        <a id="sign-out" className="button" href={logoutUrl}>
          Sign out
        </a>
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
          <button id="step-up" onClick={() => signIn(loginUrl)}>
            Confirm that it is you
          </button>
        </p>
      )}
    </section>
  )
}
