import type { Clock, Seconds } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'
import type { Log } from '../config/options.ts'
import { failureOf, isFinal, type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { event, type EventType } from '../events.ts'
import type { LogoutDeliveryRecord, ServerStore } from '../records.ts'
import type { Delivery } from './under-session.ts'

/** Seconds between the tries, so six in all; a client that was away for longer learns it when it next asks for tokens. */
const PAUSES: readonly Seconds[] = [5, 30, 120, 600, 3600]
/** While one server tries, no other does. More than a request of ours may take. */
const LEASE: Seconds = 30
/** In the memory of this server; what is more waits in the store. */
const MOST_WAITING = 2000
/** Of them for one client: who hangs, with thousands of sessions, must not keep the others out. */
const MOST_OF_ONE = 600
const PAGE = 500
/** Seconds before its end that one is given up: more than lie between two sweeps, or it would go without a word. */
const LAST_WORD: Seconds = 150
/** A timer for what is due later than that is the minute's sweep. */
const SOON: Seconds = 60

export interface DeliveryParts {
  readonly store: ServerStore
  readonly clients: { find(clientId: string): Promise<{ readonly client: Client } | undefined> }
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Log
  /** So many at once in all and to one client: one that hangs delays no other. */
  readonly slots: { take(clientId: string): (() => void) | undefined }
  /** Made anew for each try: it is good for two minutes. */
  logoutToken(client: Client, delivery: LogoutDeliveryRecord): Promise<string>
}

/** Tells clients that sessions ended (Back-Channel Logout §2.5, LOGO-10): from the store, so that a server that dies forgets nobody. */
export class LogoutDeliveries {
  readonly #parts: DeliveryParts
  readonly #waiting: Delivery[] = []
  /** What this server has in hand. */
  readonly #known: Set<string> = new Set()
  /** So many of each client. */
  readonly #of: Map<string, number> = new Map()
  #timer: ReturnType<typeof setTimeout> | undefined
  #wakesAt: number = Infinity
  #after: string | undefined
  #closed = false

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** At once, and without anybody waiting for it. */
  begin(deliveries: readonly Delivery[]): void {
    for (const one of deliveries) {
      const ofOne = this.#of.get(one.value.clientId) ?? 0
      if (this.#closed || this.#known.has(one.id) || this.#known.size >= MOST_WAITING || ofOne >= MOST_OF_ONE) continue
      this.#known.add(one.id)
      this.#of.set(one.value.clientId, ofOne + 1)
      this.#waiting.push(one)
    }
    this.#pump()
  }

  /** Takes up what is due: after a start, what another server left behind, and what failed a while ago. One page at a time. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#parts
    const after = this.#after
    const page = await store.list('logout_delivery', 'state', 'waiting', { limit: PAGE, ...(after !== undefined && { after }) })
    this.#after = page.next
    const now = clock.now()
    const due = page.items.filter(({ value }) => value.dueAt <= now)
    // Not what somebody is trying at this moment.
    const idle = page.items.filter(({ id, value }) => !this.#known.has(id) && (value.dueAt <= now || value.dueAt > now + LEASE))
    const over = idle.filter(({ expiresAt = Infinity }) => expiresAt - now <= LAST_WORD)
    this.begin(due.filter((one) => !over.includes(one)))
    for (const one of over) await this.#settle(one, new OutboundRefusal('held', 'its time is over'), true)
    const later = page.items.map(({ value }) => value.dueAt).filter((dueAt) => dueAt > now)
    this.#wake(page.next === undefined ? Math.min(...later) - now : 1)
  }

  close(): void {
    this.#closed = true
    this.#waiting.length = 0
    clearTimeout(this.#timer)
  }

  /** Nothing to do costs nothing: there is a timer only while something is due soon. */
  #wake(seconds: Seconds): void {
    const wait = Math.max(seconds, 1) * 1000
    if (this.#closed || seconds > SOON || performance.now() + wait >= this.#wakesAt) return
    clearTimeout(this.#timer)
    this.#wakesAt = performance.now() + wait
    this.#timer = setTimeout(() => {
      this.#wakesAt = Infinity
      this.sweep().catch((fault: unknown) => this.#told(fault))
    }, wait)
    this.#timer.unref()
  }

  #pump(): void {
    for (let at = 0; at < this.#waiting.length;) {
      const one = this.#waiting[at] as Delivery
      const release = this.#parts.slots.take(one.value.clientId)
      if (release === undefined) {
        at++
        continue
      }
      this.#waiting.splice(at, 1)
      void this.#deliver(one)
        .catch((fault: unknown) => this.#told(fault))
        .finally(() => {
          release()
          this.#forget(one)
          this.#pump()
        })
    }
  }

  #forget({ id, value: { clientId } }: Delivery): void {
    this.#known.delete(id)
    const left = (this.#of.get(clientId) ?? 1) - 1
    if (left === 0) this.#of.delete(clientId)
    else this.#of.set(clientId, left)
  }

  /** A client that failed once fails at the next session too: what else waits for it goes back to the store, for the next sweep. */
  #putBack(clientId: string): void {
    const back = this.#waiting.filter(({ value }) => value.clientId === clientId)
    for (const one of back) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1)
      this.#forget(one)
    }
  }

  async #deliver({ id, version, value, expiresAt }: Delivery): Promise<void> {
    const { store, clients, clock } = this.#parts
    const client = (await clients.find(value.clientId))?.client
    // A client at a URL may be away for a moment; any other one that is not found was taken away.
    const away = client === undefined && value.clientId.startsWith('https://')
    if (client?.backchannelLogoutUri === undefined && !away) {
      await store.commit([{ op: 'delete', kind: 'logout_delivery', id }])
      return
    }
    const attempts = value.attempts + 1
    const leased: LogoutDeliveryRecord = { ...value, attempts, dueAt: clock.now() + LEASE }
    const lease = await store.commit([{ op: 'replace', kind: 'logout_delivery', id, expected: version, value: leased, expiresAt }])
    if (lease !== 'committed') return
    await this.#settle({ id, version: version + 1, value: leased, expiresAt }, await this.#post(client, value))
  }

  async #post(client: Client | undefined, value: LogoutDeliveryRecord): Promise<OutboundReply | OutboundRefusal> {
    const { outbound, logoutToken } = this.#parts
    if (client?.backchannelLogoutUri === undefined) return new OutboundRefusal('document', 'the document of the client cannot be had')
    let token: string
    try {
      token = await logoutToken(client, value)
    } catch (fault) {
      // Its keys may be away: a try like any other, or it would be tried again and again and never be in the trail.
      return new OutboundRefusal('document', String(fault))
    }
    return outbound.post(client.backchannelLogoutUri, new URLSearchParams({ logout_token: token }).toString(), {
      contentType: 'application/x-www-form-urlencoded',
    })
  }

  async #settle({ id, version, value, expiresAt }: Delivery, reply: OutboundReply | OutboundRefusal, last = false): Promise<void> {
    const { store, clock, log } = this.#parts
    const why = failureOf(reply)
    const { attempts, clientId, subject, sid } = value
    const pause = PAUSES[attempts - 1]
    const now = clock.now()
    if (why !== undefined && pause !== undefined && !last && !isFinal(reply)) {
      const next = { ...value, dueAt: now + pause }
      this.#putBack(clientId)
      await store.commit([{ op: 'replace', kind: 'logout_delivery', id, expected: version, value: next, expiresAt }])
      this.#wake(pause)
      return
    }
    const type: EventType = why === undefined ? 'logout.delivered' : 'logout.undelivered'
    if (why !== undefined) log.warn('a client could not be told that a session ended', { clientId, attempts, why })
    const detail = { sid, attempts, ...(why === undefined ? {} : { why }) }
    await store.commit([
      // Another server may have taken over from one that was too slow: it is told once more, and counted once.
      { op: 'require', kind: 'logout_delivery', id, expected: version },
      { op: 'delete', kind: 'logout_delivery', id },
      event(type, now, { clientId, subject }, detail),
    ])
  }

  #told(fault: unknown): void {
    if (this.#closed) return
    this.#parts.log.error('telling clients of ended sessions failed; it is tried again in a minute', { fault: String(fault) })
  }
}
