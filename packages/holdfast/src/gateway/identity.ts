import { type HeaderLine, looseName } from '@holdfast/protocol/forwarding'
import type { Access } from '@holdfast/guard'

/** What is told of who came, by the end of the header's name. */
const TOLD: Readonly<Record<string, (access: Access) => string>> = {
  subject: (access) => said(access.subject),
  client: (access) => said(access.clientId),
  scope: (access) => access.scopes.map(said).join(' '),
  acr: (access) => said(access.acr ?? ''),
  amr: (access) => access.amr.map(said).join(' '),
  'auth-time': (access) => access.authTime?.toString() ?? '',
  expires: (access) => access.expiresAt.toString(),
}

/** The headers by which an API learns who came. */
export class Identity {
  readonly #prefix: string
  readonly #loose: string

  /** @param prefix lower case, with a hyphen at its end */
  constructor(prefix: string) {
    this.#prefix = prefix
    this.#loose = looseName(prefix)
  }

  /** Whether a header would pass for one of ours, in whatever spelling: CGI and WSGI see no difference between `_` and `-`. */
  claims(name: string): boolean {
    return looseName(name).startsWith(this.#loose)
  }

  /** One line for each thing that is known. */
  of(access: Access | undefined): readonly HeaderLine[] {
    return this.all(access).filter(([, value]) => value !== '')
  }

  /** One line for everything that could be told, empty where it is not: for proxies that replace a client's header only by one that is there. */
  all(access: Access | undefined): readonly HeaderLine[] {
    return Object.entries(TOLD).map(([name, tell]) => [this.#prefix + name, access === undefined ? '' : tell(access)])
  }
}

/** Percent-encoded where a header cannot say it, so that two that differ stay different; what is plain stays plain. */
function said(value: string): string {
  return value.toWellFormed().replaceAll(/[^\x21-\x24\x26-\x7e]+/gu, encodeURIComponent)
}
