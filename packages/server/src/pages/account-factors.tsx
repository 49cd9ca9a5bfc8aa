/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { FactorsPageModel, LastFactorModel, PasskeyLineModel } from './account-models.ts'
import { Layout } from './layout.tsx'
import type { PageLink } from './models.ts'
import { Moment } from './moment.tsx'

/** What the person signs in with, and the ways to change it. */
export function Factors(m: FactorsPageModel): VNode {
  const { app, passkeys } = m.factors
  return (
    <Layout title="How you sign in" stylesheetHref={m.stylesheetHref} wide>
      <h1>How you sign in</h1>
      <p class="lede">Have two ways at least, so that a lost phone does not lock you out.</p>
      {app !== 'unavailable' && (
        <section class="part" aria-labelledby="app">
          <h2 id="app">Authenticator app</h2>
          <p>{APP_WORDS[app]}</p>
          {app !== 'operator' && (
            <form method="post" action={m.action} class="actions">
              <input type="hidden" name="csrf" value={m.csrf} />
              <button class="button" id="app-begin" name="answer" value="begin-app" type="submit">
                {app === 'set' ? 'Set up another one in its place' : 'Set up an authenticator app'}
              </button>
              {app === 'set' && (
                <button class="button" id="app-remove" name="answer" value="remove-app" type="submit">
                  Remove <span class="unseen">the authenticator app</span>
                </button>
              )}
            </form>
          )}
        </section>
      )}
      {passkeys !== undefined && (
        <section class="part" aria-labelledby="passkeys">
          <h2 id="passkeys">Passkeys</h2>
          <p>A passkey signs you in with your device and its PIN, finger or face, and without a password.</p>
          <ul class="rows">
            {passkeys.map((passkey) => (
              <PasskeyLine {...passkey} action={m.action} csrf={m.csrf} key={passkey.id} />
            ))}
          </ul>
          <div class="actions">
            <a class="button" id="passkey-add" href={m.addPasskeyHref}>
              Add a passkey
            </a>
          </div>
        </section>
      )}
      <Back {...m.back} />
    </Layout>
  )
}

const APP_WORDS = {
  set: 'Set up. You are asked for a code of it when you sign in.',
  unset: 'Not set up. An app on your phone shows a new code every half minute.',
  operator: 'Set up for you. Only whoever runs this server can change it.',
} as const

function PasskeyLine(m: PasskeyLineModel & { readonly action: string; readonly csrf: string }): VNode {
  return (
    <li class="row">
      <PasskeyFacts {...m} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <input type="hidden" name="passkey" value={m.id} />
        <button class="button" name="answer" value="remove-passkey" type="submit">
          Remove
          <span class="unseen">
            {' '}
            the passkey <bdi>{m.name}</bdi>
          </span>
        </button>
      </form>
    </li>
  )
}

/** What is known of a passkey. */
export function PasskeyFacts(m: PasskeyLineModel): VNode {
  return (
    <div>
      <p class="row-title">
        Passkey <bdi>{m.name}</bdi>
      </p>
      <span class="detail">
        Added <Moment at={m.createdAt} />.{' '}
        {m.usedAt === undefined ? (
          'Not used yet. '
        ) : (
          <>
            Last used <Moment at={m.usedAt} />.{' '}
          </>
        )}
        {m.synced ? 'Kept by a password manager, also for your other devices.' : 'Only on the device that made it.'}
      </span>
      {m.copySuspectedAt !== undefined && (
        <p class="fault">
          Somebody may have a copy of it: an older one was used <Moment at={m.copySuspectedAt} />, and refused. Remove it if that was not
          you.
        </p>
      )}
    </div>
  )
}

/** Asked before the last second factor goes. Neither way has the focus. */
export function LastFactor(m: LastFactorModel): VNode {
  return (
    <Layout title="Remove your last factor?" stylesheetHref={m.stylesheetHref}>
      <h1>
        Remove{' '}
        {m.passkeyName === undefined ? (
          'your authenticator app'
        ) : (
          <>
            the passkey <bdi>{m.passkeyName}</bdi>
          </>
        )}
        ?
      </h1>
      <p class="lede" id="last-factor">
        It is the last thing that protects your account beside the password. Afterwards whoever knows your password can sign in.
      </p>
      <form method="post" action={m.action} aria-describedby="last-factor">
        <input type="hidden" name="csrf" value={m.csrf} />
        {m.fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} key={name} />
        ))}
        <button class="button" id="remove-last" name="sure" value="yes" type="submit">
          Remove it
        </button>
      </form>
      <Back {...m.back} />
    </Layout>
  )
}

/** The way back, which changes nothing. */
export function Back({ href, label }: PageLink): VNode {
  return (
    <p class="way-on">
      <a href={href} id="back">
        {label}
      </a>
    </p>
  )
}
