import { createHash } from 'node:crypto'
import { ISSUER, PASSWORD, type TestServer } from './server.ts'

/** A verifier and its challenge (RFC 7636 §4). */
export const VERIFIER = 'v'.repeat(43)
export const CHALLENGE: string = createHash('sha256').update(VERIFIER).digest('base64url')

/** The parameters of a right authorization request of the client `web`; `undefined` leaves one out. */
export function authorizationParameters(over: Readonly<Record<string, string | undefined>> = {}): URLSearchParams {
  const all: Record<string, string | undefined> = {
    client_id: 'web',
    redirect_uri: 'https://app.example/callback',
    response_type: 'code',
    scope: 'openid profile',
    state: 'state of the client',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...over,
  }
  return new URLSearchParams(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/** What a browser got: nothing is followed by itself. */
export interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly location: URL | undefined
}

/** A person with a browser: keeps cookies, sends forms as our pages make them. */
export class Person {
  readonly cookies: Map<string, string> = new Map()
  readonly #as: TestServer

  constructor(as: TestServer) {
    this.#as = as
  }

  async go(url: string | URL, init: RequestInit = {}): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#as.fetch(String(url), {
      ...init,
      headers: { ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string> | undefined) },
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const equals = pair.indexOf('=')
      this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
    }
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: location === null ? undefined : new URL(location),
    }
  }

  /** Goes there, and on wherever this server leads. */
  async arrive(url: string | URL): Promise<Seen & { readonly url: string }> {
    let seen = await this.go(url)
    let at = String(url)
    for (let steps = 0; steps < 5 && seen.location?.href.startsWith(`${ISSUER}/`) === true; steps++) {
      at = seen.location.href
      seen = await this.go(at)
    }
    return { ...seen, url: at }
  }

  authorize(parameters: URLSearchParams | string = authorizationParameters()): Promise<Seen> {
    return this.go(`${ISSUER}/authorize?${parameters}`)
  }

  /** Sends the form of a page to its address, with its hidden fields. */
  submit(page: Seen, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    return this.post(action, { csrf, ...fields }, headers)
  }

  post(url: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    return this.go(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
  }

  /** From the redirect of the authorization endpoint to the answer of the sign-in page. */
  async signIn(opened: Seen, fields: Readonly<Record<string, string>> = { username: 'ada', password: PASSWORD }): Promise<Seen> {
    return this.submit(await this.go(opened.location ?? ''), fields)
  }

  /** Signs in, allows, and comes back with the answer to the client. */
  async through(parameters: URLSearchParams | string = authorizationParameters()): Promise<Seen> {
    let seen = await this.authorize(parameters)
    for (let steps = 0; steps < 4 && seen.location?.href.startsWith(`${ISSUER}/interaction/`) === true; steps++) {
      const page = await this.go(seen.location)
      seen = page.text.includes('login-submit')
        ? await this.submit(page, { username: 'ada', password: PASSWORD })
        : await this.submit(page, { answer: 'allow' })
    }
    return seen
  }
}
