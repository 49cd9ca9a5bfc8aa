/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Waiting as Awaited } from '../model.ts'

export interface WaitingProps extends Awaited {
  readonly username: string | undefined
  /** @returns false when the browser blocked the window */
  readonly open: (url: string) => boolean
  readonly giveUp: () => void
}

/** A person has to act: nothing here can do it for them, and nothing opens without their press. */
export function Waiting({ url, say, stays, username, open, giveUp }: WaitingProps): VNode {
  const [tried, setTried] = useState<'no' | 'opened' | 'blocked'>('no')
  const web = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  return (
    <section id="waiting" class="notice of-waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Your turn</h2>
      <p>{say}</p>
      {username !== undefined && (
        <p>
          There is somebody to sign in as: <code>{username}</code>. The terminal that runs npm start shows the password at the first start.
        </p>
      )}
      {!web && (
        <p>
          <code>{url}</code>
        </p>
      )}
      <p class="buttons">
        {web && (
          <button type="button" class="button primary" id="person" onClick={() => setTried(open(url) ? 'opened' : 'blocked')}>
            {tried === 'opened' ? 'Open the window again' : 'Open the window'}
          </button>
        )}
        <button type="button" class="button" id="give-up" onClick={giveUp}>
          Give up
        </button>
      </p>
      {tried === 'opened' && (
        <p role="status">
          {stays === true
            ? 'Go on in the window. The run goes on here as soon as you have; the window may stay open.'
            : 'Go on in the window. It closes by itself, and the run goes on here.'}
        </p>
      )}
      {tried === 'blocked' && (
        <p role="alert">
          Your browser blocked the window. Allow pop-ups for this page and press again, or{' '}
          <a href={url} target="_blank" rel="noopener noreferrer">
            open it by this link
          </a>
          .
        </p>
      )}
    </section>
  )
}
