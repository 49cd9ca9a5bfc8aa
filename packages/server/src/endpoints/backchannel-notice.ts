import { failureOf, isFinal, type Outbound } from '../config/outbound.ts'
import type { Log } from '../config/options.ts'
import { type DerivedKeys, seal, unseal } from '../keys/derived.ts'

/** Milliseconds between the tries: after the last one the client learns it by its next poll. */
const PAUSES: readonly number[] = [1_000, 5_000, 25_000]

/** What a ping says and shows (CIBA Core §10.2). */
export interface Notice {
  readonly authReqId: string
  readonly notificationToken: string
}

const CONTEXT = 'backchannel notification'

/** The ping names the whole `auth_req_id`, of which the record holds a hash: both travel sealed. */
export function sealedNotificationToken(keys: DerivedKeys, { authReqId, notificationToken }: Notice): string {
  return seal(keys.current('notification'), `${authReqId} ${notificationToken}`, CONTEXT)
}

/** @returns undefined when the secret it was sealed under was retired meanwhile: then there is no ping */
export function openNotice(keys: DerivedKeys, sealed: string): Notice | undefined {
  for (const key of keys.all('notification')) {
    const text = unseal(key, sealed, CONTEXT)
    const space = text?.indexOf(' ') ?? -1
    if (text !== undefined && space !== -1) return { authReqId: text.slice(0, space), notificationToken: text.slice(space + 1) }
  }
  return undefined
}

export interface Pinging {
  readonly outbound: Outbound
  readonly log: Log
  /** Waits so many milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<void>
}

/**
 * Tells a client of ping that its request was answered, with its own token (CIBA-07). It says nothing of the answer:
 * that is fetched at the token endpoint. Tried four times; the person who answered does not wait for any of them.
 */
export async function ping({ outbound, log, pause = later }: Pinging, endpoint: string, notice: Notice, clientId: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const reply = await outbound.post(endpoint, JSON.stringify({ auth_req_id: notice.authReqId }), {
      contentType: 'application/json',
      headers: { authorization: `Bearer ${notice.notificationToken}` },
      maxBytes: 4096,
    })
    const why = failureOf(reply)
    if (why === undefined) return
    const pauseFor = PAUSES[tries]
    if (pauseFor === undefined || isFinal(reply))
      return log.warn('a client could not be told that its request was answered', { clientId, why })
    await pause(pauseFor)
  }
}

function later(milliseconds: number): Promise<void> {
  // A process that ends does not wait for it.
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}
