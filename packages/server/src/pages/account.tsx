/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { ApplicationLine } from './account-applications.tsx'
import type { AccountModel, SessionModel } from './account-models.ts'
import { PasskeyFacts } from './account-factors.tsx'
import { Layout } from './layout.tsx'
import { Moment } from './moment.tsx'

/** The person's own page. What changes how they sign in stands on a page of its own, behind a sign-in of now. */
export function Account(m: AccountModel): VNode {
  return (
    <Layout title="Your account" stylesheetHref={m.stylesheetHref} wide>
      <h1>Your account</h1>
      <p class="lede">
        You are signed in as{' '}
        <strong>
          <bdi>{m.displayName}</bdi>
        </strong>
        {m.displayName !== m.username && (
          <>
            , user name <bdi>{m.username}</bdi>
          </>
        )}
        .
      </p>
      {m.done !== undefined && (
        <p class="done" id="done" role="status">
          {m.done}
        </p>
      )}
      <SigningIn {...m} />
      <Sessions {...m} />
      <Applications {...m} />
    </Layout>
  )
}

function SigningIn({ factors: { app, passkeys }, hrefs }: AccountModel): VNode {
  const changeable = app !== 'operator' || passkeys !== undefined
  return (
    <section class="part" aria-labelledby="signing-in">
      <h2 id="signing-in">How you sign in</h2>
      <ul class="rows">
        <li class="row">
          <div>
            <p class="row-title">Password</p>
          </div>
        </li>
        {app !== 'unavailable' && (
          <li class="row">
            <div>
              <p class="row-title">Authenticator app</p>
              <span class="detail">{app === 'unset' ? 'Not set up.' : 'Set up: you are asked for a code of it.'}</span>
            </div>
          </li>
        )}
        {passkeys?.map((passkey) => (
          <li class="row" key={passkey.id}>
            <PasskeyFacts {...passkey} />
          </li>
        ))}
        {passkeys?.length === 0 && (
          <li class="row">
            <div>
              <p class="row-title">Passkeys</p>
              <span class="detail">None yet. A passkey signs you in without a password, and no false page can ask you for it.</span>
            </div>
          </li>
        )}
      </ul>
      {changeable && (app !== 'unavailable' || passkeys !== undefined) && (
        <div class="actions">
          <a class="button" id="change-factors" href={hrefs.factors}>
            Change how you sign in
          </a>
        </div>
      )}
    </section>
  )
}

function Sessions({ sessions, moreSessions, csrf, hrefs }: AccountModel): VNode {
  return (
    <section class="part" aria-labelledby="sessions">
      <h2 id="sessions">Where you are signed in</h2>
      <ul class="rows">
        {sessions.map((session) => (
          <SessionLine {...session} csrf={csrf} action={hrefs.sessions} key={session.reference} />
        ))}
      </ul>
      {moreSessions && <p>There are more of them. “Sign out everywhere else” ends those, too.</p>}
      <div class="actions">
        <a class="button" id="end-session" href={hrefs.endSession}>
          Sign out here
        </a>
        {sessions.length > 1 && (
          <form method="post" action={hrefs.sessions}>
            <input type="hidden" name="csrf" value={csrf} />
            <button class="button" id="end-others" name="answer" value="others" type="submit">
              Sign out everywhere else
            </button>
          </form>
        )}
      </div>
    </section>
  )
}

function SessionLine(m: SessionModel & { readonly csrf: string; readonly action: string }): VNode {
  return (
    <li class="row">
      <div>
        <p class="row-title">
          {m.signedInAt === undefined ? (
            'Signed in'
          ) : (
            <>
              Signed in <Moment at={m.signedInAt} />
            </>
          )}
          {m.here && <span class="tag">this browser</span>}
        </p>
        <span class="detail">
          {m.methods !== '' && `With ${m.methods}. `}
          Last seen <Moment at={m.seenAt} />.
        </span>
      </div>
      {!m.here && (
        <form method="post" action={m.action}>
          <input type="hidden" name="csrf" value={m.csrf} />
          <input type="hidden" name="session" value={m.reference} />
          <button class="button" name="answer" value="end" type="submit">
            Sign out
            {m.signedInAt !== undefined && (
              <span class="unseen">
                {' '}
                where you signed in <Moment at={m.signedInAt} />
              </span>
            )}
          </button>
        </form>
      )}
    </li>
  )
}

function Applications({ applications, csrf, hrefs }: AccountModel): VNode {
  return (
    <section class="part" aria-labelledby="applications">
      <h2 id="applications">Applications</h2>
      <p>
        {applications.length === 0
          ? 'No application has access to your account.'
          : 'These have access to your account. What you take back ends at once, and the application has to ask you again.'}
      </p>
      <ul class="rows">
        {applications.map((application, index) => (
          <ApplicationLine {...application} number={index + 1} csrf={csrf} action={hrefs.applications} key={application.clientId} />
        ))}
      </ul>
    </section>
  )
}
