/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'

export interface WaitingProps {
  readonly url: string
  readonly say: string
  readonly username: string | undefined
  /** She gives up, or a link of a thief led nowhere. */
  readonly cancel: () => void
  /** @returns false when the browser blocked the window */
  readonly open: (url: string) => boolean
}

/** A person has to act: nothing here can do it for them, and nothing opens without their press. */
export function Waiting({ url, say, username, cancel, open }: WaitingProps): VNode {
  const [tried, setTried] = useState<'no' | 'opened' | 'blocked'>('no')
  const web = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  return (
    <section id="waiting" class="notice of-waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Your turn</h2>
      <p>{say}</p>
      {username !== undefined && (
        <p>
          There is somebody to sign in as: <code>{username}</code>
        </p>
      )}
      {web ? (
        <button type="button" class="button primary" id="person" onClick={() => setTried(open(url) ? 'opened' : 'blocked')}>
          {tried === 'opened' ? 'Open the window again' : 'Open the window'}
        </button>
      ) : (
        <p>
          <code>{url}</code>
        </p>
      )}
      <button type="button" class="button" id="not-back" onClick={cancel}>
        I closed it without going on
      </button>
      {tried === 'opened' && <p role="status">Go on in the window. When you are through, the run goes on here.</p>}
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
