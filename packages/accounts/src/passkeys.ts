import { newRecordId, secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { PasskeyFault, PasskeyOptions, PasskeyPlace, Passkeys, PasskeySummary, ProvenPasskey } from '@holdfast/server'
import type { Store, Stored } from '@holdfast/store'
import { isChallengeFor, newChallenge } from './passkey-challenge.ts'
import { creationOptions, handleOf, requestOptions } from './passkey-options.ts'
import { type People, toAccount } from './people.ts'
import type { AccountRecord, AccountRecords, PasskeyRecord } from './records.ts'
import { proveAssertion, type ProvenAssertion, proveRegistration } from './webauthn.ts'
import { readAssertion, readRegistration } from './webauthn-response.ts'

/** A person. More are no use, and each is a line in every question for one of them. */
const MOST = 20
const LONGEST_NAME = 60

const REFUSED: PasskeyFault = { field: 'response', message: 'was refused' }

/** Every change of a passkey is under the version of its account, so that the account's own count is always true. */
export class StoredPasskeys implements Passkeys {
  readonly #store: Store<AccountRecords>
  readonly #people: People

  constructor(store: Store<AccountRecords>, people: People) {
    this.#store = store
    this.#people = people
  }

  async requestOptions(place: PasskeyPlace, subject?: string): Promise<PasskeyOptions> {
    const challenge = newChallenge({ ceremony: 'get', rpId: place.rpId, subject })
    return { challenge, options: requestOptions(place, challenge, subject === undefined ? [] : await this.#of(subject)) }
  }

  async verify(place: PasskeyPlace, challenge: string, response: string, now: EpochSeconds): Promise<ProvenPasskey | undefined> {
    const assertion = readAssertion(response)
    if (assertion === undefined) return undefined
    const id = secretHash(assertion.id)
    const named = await this.#store.read('passkey', id)
    if (named === undefined) return undefined
    const { subject, publicKey } = named.value
    const purpose = { ceremony: 'get', rpId: place.rpId } as const
    if (!isChallengeFor(challenge, purpose) && !isChallengeFor(challenge, { ...purpose, subject })) return undefined
    // WebAuthn Level 3 §7.2 step 6.
    if (assertion.userHandle !== undefined && assertion.userHandle !== handleOf(subject)) return undefined
    const proven = await proveAssertion(place, challenge, assertion, publicKey)
    if (proven === undefined) return undefined
    for (;;) {
      const person = await this.#people.find(subject)
      if (person === undefined || person.value.disabled) return undefined
      // After the person: one that goes and comes back begins at the same version, but moves its account.
      const passkey = await this.#store.read('passkey', id)
      // Gone meanwhile, or gone and made anew: what was proven is another passkey.
      if (passkey === undefined || passkey.value.subject !== subject || passkey.value.publicKey !== publicKey) return undefined
      const used = afterUse(passkey.value, proven, secretHash(challenge), now)
      if (used === undefined) return undefined
      const outcome = await this.#store.commit([
        { op: 'replace', kind: 'passkey', id, expected: passkey.version, value: used.value },
        { op: 'require', kind: 'account', id: subject, expected: person.version },
      ])
      if (outcome === 'committed') return used.counts ? { account: toAccount(person), amr: amrOf(used.value) } : undefined
    }
  }

  async creationOptions(place: PasskeyPlace, subject: string): Promise<PasskeyOptions> {
    const person = await this.#people.find(subject)
    if (person === undefined) throw new TypeError('there is no person of this subject')
    const challenge = newChallenge({ ceremony: 'create', rpId: place.rpId, subject })
    return { challenge, options: creationOptions(place, challenge, toAccount(person), await this.#ofPerson(person)) }
  }

  async add(
    place: PasskeyPlace,
    subject: string,
    challenge: string,
    response: string,
    name: string,
    now: EpochSeconds,
  ): Promise<'added' | PasskeyFault> {
    const called = readName(name)
    if (called === undefined) return { field: 'name', message: `must have 1 to ${LONGEST_NAME} characters` }
    const registration = readRegistration(response)
    if (registration === undefined || !isChallengeFor(challenge, { ceremony: 'create', rpId: place.rpId, subject })) return REFUSED
    const made = await proveRegistration(place, challenge, registration)
    if (made === undefined) return REFUSED
    const reference = newRecordId(now * 1000)
    const value: PasskeyRecord = { subject, reference, name: called, ...made, transports: registration.transports, createdAt: now }
    for (;;) {
      const person = await this.#people.find(subject)
      if (person === undefined || person.value.disabled) return { field: 'subject', message: 'is unknown or disabled' }
      const { passkeys = 0 } = person.value
      if (passkeys >= MOST) return { field: 'subject', message: `has ${MOST} passkeys, and nobody may have more` }
      const outcome = await this.#store.commit([
        // First, so that a credential that somebody has, this person or another, is the conflict that is named.
        { op: 'insert', kind: 'passkey', id: secretHash(made.credentialId), value },
        { op: 'replace', kind: 'account', id: subject, expected: person.version, value: withPasskeys(person.value, passkeys + 1) },
      ])
      if (outcome === 'committed') return 'added'
      if (outcome.conflict.kind === 'passkey') return REFUSED
    }
  }

  async list(subject: string): Promise<readonly PasskeySummary[]> {
    return (await this.#of(subject)).map(({ value }) => toSummary(value))
  }

  async remove(subject: string, id: string): Promise<boolean> {
    for (;;) {
      const person = await this.#people.find(subject)
      const passkey = person && (await this.#ofPerson(person)).find(({ value }) => value.reference === id)
      if (person === undefined || passkey === undefined) return false
      const outcome = await this.#store.commit([
        { op: 'delete', kind: 'passkey', id: passkey.id },
        {
          op: 'replace',
          kind: 'account',
          id: subject,
          expected: person.version,
          value: withPasskeys(person.value, (person.value.passkeys ?? 0) - 1),
        },
      ])
      if (outcome === 'committed') return true
    }
  }

  async #of(subject: string): Promise<readonly Stored<PasskeyRecord>[]> {
    const person = await this.#people.find(subject)
    return person === undefined ? [] : this.#ofPerson(person)
  }

  /** The oldest first. */
  async #ofPerson({ id, value }: Stored<AccountRecord>): Promise<readonly Stored<PasskeyRecord>[]> {
    if ((value.passkeys ?? 0) === 0) return []
    const { items } = await this.#store.list('passkey', 'subject', id, { limit: MOST })
    return items.toSorted((a, b) => a.value.createdAt - b.value.createdAt || (a.value.reference < b.value.reference ? -1 : 1))
  }
}

interface Use {
  readonly value: PasskeyRecord
  /** Whether it signs the person in. */
  readonly counts: boolean
}

/**
 * What a right signature makes of the record; undefined when nothing may be written. A counter that does not go on refuses, and is written
 * down: the key of that passkey may be in two places (WebAuthn Level 3 §7.2 step 22).
 */
function afterUse(
  before: PasskeyRecord,
  { counter, backupEligible, backedUp }: ProvenAssertion,
  lastChallenge: string,
  now: EpochSeconds,
): Use | undefined {
  // The same answer again is a replay, and tells nothing about the key.
  if (before.lastChallenge === lastChallenge || before.backupEligible !== backupEligible) return undefined
  if ((counter > 0 || before.counter > 0) && counter <= before.counter) return { value: { ...before, copySuspectedAt: now }, counts: false }
  return { value: { ...before, counter, backedUp, usedAt: now, lastChallenge }, counts: true }
}

function amrOf({ backupEligible }: PasskeyRecord): readonly string[] {
  return [backupEligible ? 'swk' : 'hwk', 'mfa']
}

function withPasskeys({ passkeys: _before, ...value }: AccountRecord, passkeys: number): AccountRecord {
  return passkeys > 0 ? { ...value, passkeys } : value
}

function toSummary({ reference, name, createdAt, usedAt, backedUp, copySuspectedAt }: PasskeyRecord): PasskeySummary {
  return { id: reference, name, createdAt, usedAt, synced: backedUp, ...(copySuspectedAt === undefined ? {} : { copySuspectedAt }) }
}

/** As a person counts: code points. Two lines or half a character would break the page that shows it. */
function readName(text: string): string | undefined {
  if (text.length > 8 * LONGEST_NAME || !text.isWellFormed()) return undefined
  const name = text.normalize('NFC').trim()
  return name !== '' && [...name].length <= LONGEST_NAME && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? name : undefined
}
