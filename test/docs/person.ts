/** What a person can do in a block `person` of a page. */
export const DEEDS = ['approves', 'denies', 'revokes'] as const

/** `approves WDJB-MJHT` → the verb and the rest. @throws {Error} for a deed that nobody taught */
export function deedOf(text: string): readonly [verb: string, rest: string] {
  const [verb = '', ...rest] = text.split(' ')
  if (!DEEDS.some((one) => one === verb)) throw new Error(`a person cannot "${verb}" here; known are ${DEEDS.join(', ')}`)
  return [verb, rest.join(' ')]
}

/** What a browser was answered. */
export interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly location: string | null
  readonly text: string
}

/** Ada with a browser: cookies, and forms sent as the pages make them. */
export class Visitor {
  readonly #origin: string
  readonly #issuer: string
  readonly #credentials: { readonly username: string; readonly password: string }
  readonly #cookies: Map<string, string> = new Map()

  /** @param origin where the server listens @param issuer what it calls itself */
  constructor(origin: string, issuer: string, credentials: { readonly username: string; readonly password: string }) {
    this.#origin = origin
    this.#issuer = issuer
    this.#credentials = credentials
  }

  /** Signs in where asked, allows, and returns what sends the browser away in the end, or the page where it ends. */
  async authorize(target: string): Promise<Seen> {
    let seen = await this.#go(target)
    for (let steps = 0; steps < 8; steps++) {
      const next = seen.location ?? / action="([^"]+)"/.exec(seen.text)?.[1] ?? ''
      if (!(next.startsWith('/') || next.startsWith(this.#issuer))) return seen
      seen = seen.location === null ? await this.#answer(seen, { answer: 'allow' }) : await this.#go(seen.location)
    }
    throw new Error(`the browser got no further: ${seen.status} ${seen.text.slice(0, 500)}`)
  }

  /** Opens the device page, signs in where asked, types the code and allows; or, with `the request`, the page of requests. */
  approves(userCode: string): Promise<void> {
    return this.#device(userCode, 'allow')
  }

  denies(userCode: string): Promise<void> {
    return this.#device(userCode, 'deny')
  }

  /** Opens the account page and takes back what this client was given. */
  async revokes(clientId: string): Promise<void> {
    const page = await this.#go('/account')
    const csrf = / name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const seen = await this.#go('/account/applications', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrf, answer: 'revoke', client: clientId }).toString(),
    })
    if (seen.location?.includes('done=application-revoked') !== true) throw new Error(`nothing was taken back: ${seen.status}`)
  }

  async #device(userCode: string, answer: string): Promise<void> {
    let seen = await this.#go(userCode === 'the request' ? '/approve' : '/device')
    for (let steps = 0; steps < 8; steps++) {
      if (seen.location !== null) seen = await this.#go(seen.location)
      else if (seen.text.includes('name="user_code"') && !seen.text.includes('name="answer"'))
        seen = await this.#answer(seen, { user_code: userCode })
      else if (seen.text.includes('name="password"')) seen = await this.#answer(seen, {})
      else if (seen.text.includes('name="answer"')) seen = await this.#answer(seen, { answer })
      else return
    }
    throw new Error(`the device page got no further: ${seen.status} ${seen.text.slice(0, 500)}`)
  }

  /** Sends the form of a page with its hidden fields; a sign-in form gets the credentials. */
  #answer(page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1]
    if (action === undefined) throw new Error(`no form on the page: ${page.status} ${page.text.slice(0, 500)}`)
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    const signIn = page.text.includes('name="password"') ? this.#credentials : {}
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...(page.text.includes('name="password"') ? {} : fields), ...signIn })
    return this.#go(action.replaceAll('&amp;', '&'), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
  }

  async #go(target: string, init: RequestInit = {}): Promise<Seen> {
    const path = target.startsWith(this.#issuer) ? target.slice(this.#issuer.length) : target
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(this.#origin + path, { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    return { status: response.status, headers: response.headers, location: response.headers.get('location'), text: await response.text() }
  }
}
