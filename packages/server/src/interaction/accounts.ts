import type { EpochSeconds } from '@holdfast/protocol/time'

/** What a person may have beside the password: one-time codes of an authenticator app, or passkeys, which need no password at all. */
export type SecondFactor = 'otp' | 'passkey'

/** The people, as far as the server must know them. `@holdfast/accounts` implements it; an application may bring its own. */
export interface Accounts {
  /** @returns undefined when there is no such person */
  find(sub: string): Promise<Account | undefined>
  /**
   * Whose user name this is, as it is typed at sign-in; undefined when there is no such person. Without it a client of
   * CIBA names people by `sub` alone.
   */
  findByUsername?(username: string): Promise<Account | undefined>
  /**
   * Checks a password. Takes as long for an unknown user name as for a wrong password, so that the
   * time of the answer does not tell which names exist (A58).
   */
  verifyPassword(username: string, password: string): Promise<Account | undefined>
  /**
   * Checks a one-time code, and spends it in the same step: of any number of callers at once with one code exactly one
   * hears true. Needed where an account names the factor `otp`; without it nobody of them signs in.
   */
  verifyOneTimeCode?(sub: string, code: string, now: EpochSeconds): Promise<boolean>
  /**
   * Makes an account for whoever asks for one (Initiating User Registration 1.0, `prompt=create`). Of two at once with one name
   * exactly one succeeds. Absent: the operator alone makes accounts, and `create` is no prompt of this server.
   */
  signUp?(person: NewPerson): Promise<Account | SignUpFault>
  /** Passkeys (WebAuthn). Absent: nobody here has any. */
  readonly passkeys?: Passkeys
  /** Authenticator apps, set up by the people themselves. Absent: only the operator sets them up. */
  readonly authenticatorApps?: AuthenticatorApps
}

/** As it was typed. */
export interface NewPerson {
  readonly username: string
  readonly password: string
  /** What the pages shall call the person; undefined: the user name. */
  readonly name: string | undefined
}

/** Why there is no account: the field, and what is allowed, as the end of a sentence about it. */
export interface SignUpFault {
  readonly field: 'username' | 'password' | 'name'
  readonly message: string
}

export interface Account {
  /** Unique for ever and not a user name; never in the form of a `client_id` (OA-73), nor beginning with `u_p.`, which is how pairwise clients call people. */
  readonly sub: string
  readonly username: string
  /** How the pages call the person. */
  readonly displayName: string
  /** OpenID Connect Core §5.1 claims, such as `name` and `email`; plain JSON. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  /**
   * What the person has, and what is then always asked for: the password alone signs nobody in who has one. Any of them will do. Absent: none.
   * `passkey` is proven by a `ProvenPasskey`, with or without a password before.
   */
  readonly secondFactors?: readonly SecondFactor[]
}

/**
 * What passkeys are made for. From the issuer alone, never from a request: who chose the origin could have
 * somebody else's page sign people in.
 */
export interface PasskeyPlace {
  /**
   * The host of the issuer, without a port. Passkeys made for one host count for no other, for ever. An IP address is
   * none: browsers refuse it, so offer no passkeys there.
   */
  readonly rpId: string
  /** What the browser shows beside the passkey. */
  readonly rpName: string
  /** The origin of the issuer, with its port: `https://as.example`. */
  readonly origin: string
}

/**
 * The people's passkeys: WebAuthn Level 3 with discoverable credentials and user verification, so that one of them is
 * two factors, and tied to the origin, so that no other site is given one.
 *
 * The caller keeps each challenge for the browser that it was made for, for some minutes, and spends it before it
 * calls `verify` or `add`, whatever they say: a challenge that was answered once is answered for good.
 */
export interface Passkeys {
  /**
   * What `navigator.credentials.get` is given (`PublicKeyCredentialRequestOptionsJSON`). Without a subject for whoever
   * has a passkey here, by the browser's list or autofill; it names nobody then. With one for that person alone, and
   * `verify` lets nobody else answer it: only for somebody who has proven something, as it tells which passkeys they have.
   * Writes nothing.
   */
  requestOptions(place: PasskeyPlace, subject?: string): Promise<PasskeyOptions>
  /**
   * Checks an answer to `requestOptions`: challenge, origin, host, user verification, signature, and that the
   * signature counter went on. Of any number of callers at once with one response exactly one hears of the person; that none does
   * later is the caller's affair, who spends the challenge.
   *
   * @param challenge as `requestOptions` gave it
   * @param response the JSON text of the credential, as the browser made it (`PublicKeyCredential.toJSON`)
   * @returns undefined: refused, for whatever reason
   */
  verify(place: PasskeyPlace, challenge: string, response: string, now: EpochSeconds): Promise<ProvenPasskey | undefined>
  /**
   * What `navigator.credentials.create` is given (`PublicKeyCredentialCreationOptionsJSON`): a discoverable credential,
   * user verification, no attestation, on no authenticator that holds one of theirs already. Writes nothing.
   *
   * @throws {TypeError} there is no such person
   */
  creationOptions(place: PasskeyPlace, subject: string): Promise<PasskeyOptions>
  /**
   * Takes an answer to `creationOptions`, once, and only for the subject whose challenge it was. Call it for somebody
   * who has just signed in: a passkey stays when the password is changed.
   *
   * @param challenge as `creationOptions` gave it
   * @param response the JSON text of the credential, as the browser made it
   * @param name what the person calls it: 1 to 60 characters
   */
  add(
    place: PasskeyPlace,
    subject: string,
    challenge: string,
    response: string,
    name: string,
    now: EpochSeconds,
  ): Promise<'added' | PasskeyFault>
  /** The oldest first. Of nobody: empty. */
  list(subject: string): Promise<readonly PasskeySummary[]>
  /** From now on it counts no more, also not for a sign-in that has begun. @returns false when the person has none of this id */
  remove(subject: string, id: string): Promise<boolean>
}

export interface PasskeyOptions {
  /** base64url; also within the options. */
  readonly challenge: string
  /** Plain JSON. */
  readonly options: Readonly<Record<string, unknown>>
}

export interface ProvenPasskey {
  /** Not disabled when it was checked. */
  readonly account: Account
  /**
   * RFC 8176: `hwk` for a passkey that stays on its device, `swk` for one that a provider copies to others; and `mfa`, since the
   * device was in hand and its PIN, finger or face was asked for.
   */
  readonly amr: readonly string[]
}

/** What a person is shown of a passkey. */
export interface PasskeySummary {
  /** A random reference, for `remove`; not the credential's id. */
  readonly id: string
  readonly name: string
  readonly createdAt: EpochSeconds
  /** The last sign-in with it; undefined: none yet. */
  readonly usedAt: EpochSeconds | undefined
  /** Whether a provider keeps a copy: losing the device then loses no passkey. */
  readonly synced: boolean
  /** When its signature counter last went backwards, which refused that sign-in: somebody may have copied it. Absent: never. */
  readonly copySuspectedAt?: EpochSeconds
}

/** Why no passkey was added: the field, and what is allowed. */
export interface PasskeyFault {
  /** `subject`: the person may have no more, is disabled or unknown. `response`: refused, for whatever reason. */
  readonly field: 'name' | 'response' | 'subject'
  readonly message: string
}

/**
 * One-time codes (RFC 6238) that people set up by themselves. Call it for somebody who has just signed in: whoever
 * sets up an app has a factor of that person.
 */
export interface AuthenticatorApps {
  /**
   * A new secret, which counts for nothing until a code of it is confirmed. It waits for ten minutes; a second one takes its place.
   *
   * @param issuerName what the app shows beside the user name
   * @throws {TypeError} there is no such person
   */
  begin(subject: string, issuerName: string, now: EpochSeconds): Promise<NewAuthenticatorApp>
  /** The one that waits, to show its page a second time; undefined when none does. */
  pending(subject: string, issuerName: string, now: EpochSeconds): Promise<NewAuthenticatorApp | undefined>
  /**
   * True: from now on this app's codes count, those of the app before count no more, and this code is spent, at sign-in
   * too. Of any number of callers at once exactly one hears true.
   */
  confirm(subject: string, code: string, now: EpochSeconds): Promise<boolean>
  /** Whether the person has one whose codes count. */
  has(subject: string): Promise<boolean>
  /** Also ends one that waits. @returns false when no app's codes counted */
  remove(subject: string): Promise<boolean>
}

/** What an app is given. For the person's eyes alone: never logged, never in a URL of ours, never cached. */
export interface NewAuthenticatorApp {
  /** base32, to be typed by hand. */
  readonly secret: string
  /** `otpauth://`, for a QR code. */
  readonly uri: string
}
