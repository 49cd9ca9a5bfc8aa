import type { DetailModel, FormFrame, Frame, PageLink, PasskeyModel, Permission, StrangerModel } from './models.ts'

/** Who is signed in, how, where, and what they allowed. */
export interface AccountModel extends Frame {
  readonly csrf: string
  readonly displayName: string
  readonly username: string
  /** What was just done. */
  readonly done: string | undefined
  readonly factors: FactorsModel
  readonly sessions: readonly SessionModel[]
  /** The oldest are not shown. */
  readonly moreSessions: boolean
  readonly applications: readonly ApplicationModel[]
  readonly hrefs: {
    readonly factors: string
    readonly sessions: string
    readonly applications: string
    readonly endSession: string
  }
}

export interface FactorsModel {
  /** `operator`: there is one, and only the operator changes it. `unavailable`: none, and none can be set up. */
  readonly app: 'set' | 'unset' | 'operator' | 'unavailable'
  /** Undefined where there are none. */
  readonly passkeys: readonly PasskeyLineModel[] | undefined
}

export interface PasskeyLineModel {
  readonly id: string
  readonly name: string
  readonly createdAt: Date
  readonly usedAt: Date | undefined
  readonly synced: boolean
  readonly copySuspectedAt: Date | undefined
}

export interface SessionModel {
  /** Which one: opaque, and good in this browser session alone. */
  readonly reference: string
  readonly here: boolean
  readonly signedInAt: Date | undefined
  readonly seenAt: Date
  /** In words: `a password and a code from an app`. Empty when unknown. */
  readonly methods: string
}

export interface ApplicationModel {
  readonly clientId: string
  /** Undefined for one that is not here any more. */
  readonly name: string | undefined
  readonly stranger?: StrangerModel | undefined
  /** The application's own page; https only. */
  readonly openHref: string | undefined
  readonly permissions: readonly Permission[]
  readonly details: readonly DetailModel[]
  readonly givenAt: Date
}

/** What can be changed about how the person signs in. */
export interface FactorsPageModel extends FormFrame {
  readonly factors: FactorsModel
  readonly addPasskeyHref: string
  readonly back: PageLink
}

/** Asked before the last factor goes. */
export interface LastFactorModel extends FormFrame {
  /** What the form says again, beside that the person is sure. */
  readonly fields: readonly (readonly [string, string])[]
  /** `your authenticator app`, or the name of a passkey. */
  readonly passkeyName: string | undefined
  readonly back: PageLink
}

export interface AuthenticatorAppModel extends FormFrame {
  /** For the person's eyes alone. */
  readonly uri: string
  readonly secret: string
  /** Whether it takes the place of another one. */
  readonly replaces: boolean
  readonly fault: string | undefined
  readonly back: PageLink
}

export interface AddPasskeyModel extends FormFrame {
  readonly passkey: PasskeyModel
  readonly name: string
  readonly fault: string | undefined
  readonly back: PageLink
}
