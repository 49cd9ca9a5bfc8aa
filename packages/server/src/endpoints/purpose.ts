import type { AuthorizationRequest } from '../authorization/request.ts'
import { isWanted } from '../authorization/wanted-person.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { FoundClient } from '../client-authentication/clients.ts'
import type { Stored } from '@holdfast/store'
import { consentId, lastingConsent } from '../interaction/consent-record.ts'
import { PLACES } from '../interaction/places.ts'
import { type AskedSignIn, BEGINNING, type InteractionState, type Person, type Progress } from '../interaction/state.ts'
import type { ConsentRecord, InteractionRecord, ServerChange, Visit } from '../records.ts'
import type { Session } from '../sessions/session.ts'

/** An authorization request on its way through the browser. */
export interface Opened {
  readonly client: FoundClient
  readonly request: AuthorizationRequest
  readonly pushedRequestId: string | undefined
}

/** What a person signs in for: a client's request, or a page of ours. */
export type Purpose = Opened | Visit

export function isVisit(purpose: Purpose): purpose is Visit {
  return 'place' in purpose
}

/** How the pages call it. */
export function nameOf(purpose: Purpose): string {
  return isVisit(purpose) ? PLACES[purpose.place] : purpose.client.client.clientName
}

export function clientIdOf(purpose: Purpose): string | undefined {
  return isVisit(purpose) ? undefined : purpose.client.client.clientId
}

export interface Loaded {
  readonly state: InteractionState
  readonly consent: Stored<ConsentRecord> | undefined
}

/**
 * Reads all that the steps look at, as it is now.
 *
 * @param here the sessions of this browser, the current one first
 */
export async function loadState(
  as: AuthorizationServer,
  purpose: Purpose,
  here: readonly Session[],
  interaction: InteractionRecord | undefined,
): Promise<Loaded> {
  const people = await peopleOf(as, here)
  const asked = askedOf(as, purpose)
  const { progress, person } = whereItStands(people, asked, interaction)
  const state = {
    asked,
    policy: as.authentication,
    person,
    people: people.filter(({ account }) => !account.disabled),
    progress,
    now: as.clock.now(),
  }
  if (isVisit(purpose)) return { state: { ...state, requested: undefined }, consent: undefined }
  const { client } = purpose.client
  const consent = person === undefined ? undefined : await as.store.read('consent', consentId(person.account.sub, client.clientId))
  const lasting = consent === undefined ? undefined : lastingConsent(consent.value, as.requestRules.details)
  const standing: readonly ServerChange[] =
    consent === undefined ? [] : [{ op: 'require', kind: 'consent', id: consent.id, expected: consent.version }]
  return { state: { ...state, requested: { request: purpose.request, client, consent: lasting, standing } }, consent }
}

/** Whoever is signed in and has an account still. */
export async function peopleOf(as: AuthorizationServer, here: readonly Session[]): Promise<readonly Person[]> {
  const found = await Promise.all(
    here.map(async (session): Promise<Person | undefined> => {
      const { subject } = session.value
      const account = subject === undefined ? undefined : await as.accounts.find(subject)
      return account === undefined ? undefined : { session, account }
    }),
  )
  return found.filter((person) => person !== undefined)
}

/**
 * Who was chosen or signed in here; before that whoever the client named, if they are signed in, else the current person.
 * Once that one is signed out, what they did says nothing about the others of this browser: it is asked whose account it is to be.
 */
function whereItStands(
  people: readonly Person[],
  asked: AskedSignIn,
  interaction: InteractionRecord | undefined,
): Pick<InteractionState, 'progress' | 'person'> {
  const progress = interaction === undefined ? BEGINNING : progressOf(interaction)
  const own = people.find(({ session }) => session.id === interaction?.sessionId)
  const chosen = own ?? people.find(({ account }) => account.sub === interaction?.subject)
  const decided = progress.selected || progress.signedInAt !== undefined
  if (decided && chosen !== undefined) return { progress, person: chosen }
  const person = people.find(({ account }) => asked.isWanted(account.sub)) ?? own ?? people[0]
  if (!decided || progress.signInAgain) return { progress, person }
  return { progress: { ...progress, signedInAt: undefined, selected: false, choosing: people.length > 0 }, person }
}

function askedOf({ subjects }: AuthorizationServer, purpose: Purpose): AskedSignIn {
  if (isVisit(purpose)) {
    const { maxAge, allFactors = false } = purpose
    return { prompt: [], maxAge, acrs: [], loginHint: undefined, allFactors, isWanted: () => true }
  }
  const { client } = purpose.client
  const { prompt, maxAge, loginHint, acrValues = [] } = purpose.request
  return {
    prompt,
    maxAge,
    acrs: acrValues,
    loginHint,
    allFactors: false,
    isWanted: (sub) => isWanted(purpose.request, client, subjects, sub),
  }
}

function progressOf({ signedInAt, selected, choosing, creating, signInAgain, pending }: InteractionRecord): Progress {
  return {
    signedInAt,
    selected: selected ?? false,
    choosing: choosing ?? false,
    creating: creating ?? false,
    signInAgain: signInAgain ?? false,
    pending,
  }
}
