/** What the pages show: everything a page needs and nothing it could decide by. */

/** What every page needs for its frame. */
export interface Frame {
  /** Where the stylesheet is served: the issuer's path and `stylesheetPath`. */
  readonly stylesheetHref: string
}

export interface SignInModel extends Frame {
  /** Where the form posts to. */
  readonly action: string
  readonly csrf: string
  /** Prefilled from `login_hint` or the failed attempt. */
  readonly username: string
  readonly clientName: string
  /** A sentence for the person when the last attempt failed. It must not tell whether the name or the password was wrong. */
  readonly fault: string | undefined
}

/** Asks for the second factor of somebody whose password was right. */
export interface OneTimeCodeModel extends Frame {
  readonly action: string
  readonly csrf: string
  /** As the person typed it. */
  readonly username: string
  readonly clientName: string
  readonly fault: string | undefined
}

export interface Permission {
  /** The scope in words, e.g. "See your accounts and balances". */
  readonly title: string
  readonly detail: string | undefined
}

export interface ConsentModel extends Frame {
  readonly action: string
  readonly csrf: string
  readonly clientName: string
  /** The host of the place the browser goes to afterwards, or the words for an app on this device. */
  readonly clientPlace: string
  /** These three become links only when they are http or https. */
  readonly clientUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  readonly subjectName: string
  readonly permissions: readonly Permission[]
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

/** Something that is no error and asks nothing: signed out, already done, a page that is no longer valid. */
export interface NoticeModel extends Frame {
  readonly title: string
  readonly explanation: string
  readonly link: PageLink | undefined
}
