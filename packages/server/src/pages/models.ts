/** What the pages show: everything a page needs and nothing it could decide by. */

/** What every page needs for its frame. */
export interface Frame {
  /** Where the stylesheet is served: the issuer's path and `stylesheetPath`. */
  readonly stylesheetHref: string
}

/** What every page with a form needs. */
export interface FormFrame extends Frame {
  /** Where the form posts to. */
  readonly action: string
  readonly csrf: string
}

export interface SignInModel extends FormFrame {
  /** Prefilled from `login_hint` or the failed attempt. */
  readonly username: string
  readonly clientName: string
  /** Whether people may make accounts here. */
  readonly signUp: boolean
  /** Undefined where there are no passkeys. */
  readonly passkey: PasskeyModel | undefined
  /** A sentence for the person when the last attempt failed. It must not tell whether the name or the password was wrong. */
  readonly fault: string | undefined
}

export interface SignUpModel extends FormFrame {
  readonly clientName: string
  /** As typed before, or from `login_hint`. */
  readonly username: string
  readonly name: string
  /** What is wrong with a field, as the end of a sentence about it. */
  readonly fault: { readonly field: 'username' | 'password' | 'name'; readonly message: string } | undefined
  /** What is wrong otherwise. */
  readonly notice: string | undefined
}

/** Asks for the second factor of somebody who proved the first. */
export interface SecondFactorModel extends FormFrame {
  /** As the person typed it. */
  readonly username: string
  readonly clientName: string
  /** Whether the person is signed in already, and more is asked for. */
  readonly stepUp: boolean
  /** Whether a code is one of the ways; else a passkey is the only one. */
  readonly byCode: boolean
  readonly passkey: PasskeyModel | undefined
  readonly fault: string | undefined
}

/** What the browser needs to give a passkey, or to make one. */
export interface PasskeyModel {
  /** JSON of the options. */
  readonly options: string
  readonly ticket: string
  readonly creates: boolean
  readonly scriptHref: string
}

export interface SelectAccountModel extends FormFrame {
  readonly clientName: string
  readonly people: readonly { readonly reference: string; readonly displayName: string; readonly username: string }[]
}

export interface Permission {
  /** The scope in words, e.g. "See your accounts and balances". */
  readonly title: string
  readonly detail: string | undefined
}

/** What is known of a client that speaks for itself. */
export interface StrangerModel {
  /** The host that publishes it, which is proven; undefined for one that registered itself. */
  readonly publishedBy: string | undefined
  /** Every redirect URI leads to this device, where any program may wait for it. */
  readonly onlyOnDevice: boolean
}

/** A request that stands for itself, such as one payment (RFC 9396). All of it is safe to show as text. */
export interface DetailModel {
  /** In parts: our words, and values that the client sent, which stand apart. */
  readonly title: readonly { readonly text: string; readonly sent: boolean }[]
  readonly lines: readonly DetailLineModel[]
  /** Every member of it, so that a person can check. */
  readonly all: readonly DetailLineModel[]
}

export interface DetailLineModel {
  readonly label: string
  readonly value: string
}

export interface ConsentModel extends FormFrame {
  readonly clientName: string
  /** The host of the place the browser goes to afterwards, or the words for an app on this device. */
  readonly clientPlace: string
  /** Present for a client that no operator created: nobody checked who it is. */
  readonly stranger?: StrangerModel | undefined
  /** These three become links only when they are http or https. */
  readonly clientUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  readonly subjectName: string
  readonly permissions: readonly Permission[]
  readonly details: readonly DetailModel[]
}

/** A way on. `href` is a path of this server, or an http or https address; anything else is not shown. */
export interface PageLink {
  readonly href: string
  readonly label: string
}

export interface ErrorModel extends Frame {
  readonly title: string
  /** A safe sentence for the person. */
  readonly explanation: string
  /** What to quote to the operator; the same stands in the log. */
  readonly reference: string
  /** In development only: the field, the rule and the fix. */
  readonly developer: { readonly code: string; readonly description: string; readonly rule: string | undefined } | undefined
  readonly link: PageLink | undefined
}

/** An answer on its way to a client by `form_post`. */
export interface FormPostModel extends Frame {
  readonly scriptHref: string
  /** The redirect URI. */
  readonly action: string
  /** Its host. */
  readonly clientPlace: string
  /** Names and values of the response parameters. */
  readonly fields: readonly (readonly [string, string])[]
}

/** Something that is no error and asks nothing: signed out, already done, a page that is no longer valid. */
export interface NoticeModel extends Frame {
  readonly title: string
  readonly explanation: string
  readonly link: PageLink | undefined
}

export interface DeviceEntryModel extends FormFrame {
  /** From the address or the failed attempt. */
  readonly userCode: string
  readonly fault: string | undefined
}

export interface DeviceConfirmModel extends FormFrame {
  /** Which request is answered: opaque, and good in this browser session alone. */
  readonly request: string
  readonly clientName: string
  /** Present for a client that no operator created: nobody checked who it is. */
  readonly stranger?: StrangerModel | undefined
  readonly subjectName: string
  /** As the device shows it. */
  readonly userCode: string
  /** Where the request came from; empty when unknown. */
  readonly address: string
  /** Whether that is where this browser is. */
  readonly sameAddress: boolean
  readonly requestedAt: Date
  readonly permissions: readonly Permission[]
  readonly details: readonly DetailModel[]
}

/** One thing that a client asks of the person, from elsewhere. */
export interface ApprovalModel {
  readonly csrf: string
  readonly request: string
  readonly clientName: string
  /** Present for a client that no operator created: nobody checked who it is. */
  readonly stranger?: StrangerModel | undefined
  /** What the client shows too: the person compares. */
  readonly bindingMessage: string | undefined
  readonly requestedAt: Date
  readonly permissions: readonly Permission[]
  readonly details: readonly DetailModel[]
}

export interface ApprovalsModel extends Frame {
  readonly action: string
  readonly subjectName: string
  readonly requests: readonly ApprovalModel[]
}

/** Asks whether to sign out. */
export interface LogoutConfirmModel extends Frame {
  readonly action: string
  readonly csrf: string
  /** What was asked, sealed. */
  readonly request: string
  /** Who asks, where that is known. */
  readonly clientName: string | undefined
  /** Everybody who would be signed out. */
  readonly people: readonly string[]
}

/** What became of it, and the applications that are told in frames. */
export interface SignedOutModel extends Frame {
  readonly title: string
  readonly explanation: string
  readonly frames: readonly { readonly title: string; readonly src: string }[]
  /** `href` is a URI that was registered and matched: the one link of ours that may have a private-use scheme. */
  readonly onwards: PageLink | undefined
  /** Goes on by itself. */
  readonly scriptHref: string | undefined
}

/** The frame of Session Management. */
export interface CheckSessionModel {
  readonly scriptHref: string
  readonly cookieName: string
}
