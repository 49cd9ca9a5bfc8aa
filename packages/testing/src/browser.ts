import type { Reply } from '@holdfast/protocol/http'
import { type Clock, systemClock } from '@holdfast/protocol/time'
import { CookieJar } from './cookies.ts'
import { type Line, linesOf } from './exchange.ts'
import { formActionAllows, originLine, refererLine, secFetchSite, siteOf } from './fetch-metadata.ts'
import type { PageElement } from './html.ts'
import { type Internet, REDIRECTS } from './internet.ts'
import { fetchFrom } from './page-fetch.ts'
import { Page } from './page.ts'

export { type Cookie, CookieJar } from './cookies.ts'
export type { PageElement } from './html.ts'

export interface BrowserOptions {
  /** Ends cookies. @default the system's */
  readonly clock?: Clock
  /** Where its requests come from. @default '198.51.100.7' */
  readonly address?: string
  /** Added to every request, such as `Accept-Language`. */
  readonly headers?: Readonly<Record<string, string>>
}

interface Navigation {
  readonly url: URL
  readonly method: string
  readonly body: string | undefined
  /** The page it started from; undefined when a person typed the address. */
  readonly page: Page | undefined
  /** A form's navigation is held to the page's `form-action`, redirects included. */
  readonly form: boolean
  /** The addresses before this one, by redirects. */
  readonly before: readonly URL[]
}

const MOST_REDIRECTS = 20

/**
 * A browser without scripts, for one person and one tab: cookies, redirects, forms, and the headers that
 * browsers add (Origin, Referer, Sec-Fetch-*). It holds pages to their CSP `form-action`.
 */
export class Browser {
  readonly cookies: CookieJar
  /** Whether redirects are followed; else `step` goes on from one. */
  follow = true
  /** The addresses of the last navigation, the redirects between included. */
  visited: readonly string[] = []
  readonly #internet: Internet
  readonly #options: BrowserOptions
  #page: Page = new Page(new URL('about:blank'), { status: 0, headers: {}, body: '' })
  #next: Navigation | undefined

  constructor(internet: Internet, options: BrowserOptions = {}) {
    this.#internet = internet
    this.#options = options
    this.cookies = new CookieJar(options.clock ?? systemClock)
  }

  /** The address shown, fragment included. */
  get url(): string {
    return this.#page.url.href
  }

  /** Of the answer that is shown; 0 where a redirect led out of the net, as to an application's own scheme. */
  get status(): number {
    return this.#page.status
  }

  get body(): string {
    return this.#page.body
  }

  /** The page's elements. */
  get document(): PageElement {
    return this.#page.document
  }

  header(name: string): string | undefined {
    return this.#page.header(name)
  }

  /** Types an address. @throws {TypeError} nobody is there */
  goto(url: string): Promise<this> {
    const target = new URL(url)
    if (!this.#internet.reaches(url)) return Promise.reject(new TypeError(`nobody is at ${target.origin}`))
    return this.#start({ url: target, method: 'GET', body: undefined, page: undefined, form: false, before: [] })
  }

  /** Follows one redirect where `follow` is off. @throws {Error} the page is no redirect */
  step(): Promise<this> {
    if (this.#next === undefined) return Promise.reject(new Error(`${this.url} (${this.status}) is no redirect`))
    return this.#go(this.#next)
  }

  has(selector: string): boolean {
    return this.document.find(selector) !== undefined
  }

  /** @throws {Error} no such element */
  text(selector: string): string {
    return this.#page.element(selector).text
  }

  attribute(selector: string, name: string): string | undefined {
    return this.#page.element(selector).attribute(name)
  }

  /** Types into a field, or picks an option by its value. */
  fill(selector: string, value: string): this {
    this.#page.fill(selector, value)
    return this
  }

  /** Ticks a box or a radio button. */
  check(selector: string, on = true): this {
    this.#page.tick(selector, on)
    return this
  }

  /** Presses a button or follows a link. @throws {Error} the element is neither, or the page's CSP forbids it */
  async click(selector: string): Promise<this> {
    const element = this.#page.element(selector)
    const href = element.attribute('href')
    if (element.tag === 'a' && href !== undefined)
      return this.#start({ url: new URL(href, this.#page.url), method: 'GET', body: undefined, page: this.#page, form: false, before: [] })
    const form = this.#page.formOf(element)
    const submits =
      element.tag === 'button'
        ? !['button', 'reset'].includes(element.attribute('type') ?? '')
        : element.tag === 'input' && element.attribute('type') === 'submit'
    if (form === undefined || !submits || element.attributes.has('disabled'))
      throw new Error(`${selector} is neither a link nor a button that submits`)
    return this.#start({ ...this.#page.submission(form, element), page: this.#page, form: true, before: [] })
  }

  /** Sends a form as the Enter key does, without a button's value; for `form_post` pages too. */
  async submit(selector = 'form'): Promise<this> {
    return this.#start({ ...this.#page.submission(this.#page.element(selector), undefined), page: this.#page, form: true, before: [] })
  }

  /** What a script on this page fetches: cookies by `credentials`, CORS with its preflight. @throws {TypeError} CORS forbids it, or nobody is there */
  fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    return fetchFrom({ internet: this.#internet, page: this.#page, cookies: this.cookies, from: this.#address }, input, init)
  }

  get #address(): string {
    return this.#options.address ?? '198.51.100.7'
  }

  #start(navigation: Navigation): Promise<this> {
    this.visited = []
    return this.#go(navigation)
  }

  async #go(first: Navigation): Promise<this> {
    for (let to: Navigation | undefined = first; to !== undefined; to = this.follow ? this.#next : undefined) {
      if (to.before.length > MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects, the last to ${to.url.href}`)
      if (to.form && to.page !== undefined && !formActionAllows(to.page.policies, to.page.url, to.url))
        throw new Error(`form-action of ${to.page.url.href} forbids ${to.url.href}`)
      this.visited = [...this.visited, to.url.href]
      const reply: Reply = this.#internet.reaches(to.url.href) ? await this.#request(to) : { status: 0, headers: {}, body: '' }
      this.#page = new Page(to.url, reply)
      this.#next = redirectOf(to, this.#page)
    }
    return this
  }

  async #request(to: Navigation): Promise<Reply> {
    const chain = [...to.before, to.url]
    const initiator = to.page?.initiator
    const cookie = this.cookies.header(to.url, {
      sameSite: initiator === undefined || siteOf(initiator.url) === siteOf(to.url),
      safeNavigation: to.method === 'GET',
    })
    const headers: Line[] = [
      ['Host', to.url.host],
      ...Object.entries(this.#options.headers ?? {}),
      ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'],
      ...originLine(initiator, to.method, chain),
      ...refererLine(initiator, to.url),
      ['Sec-Fetch-Site', secFetchSite(initiator?.url, chain)],
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-User', '?1'],
      ['Sec-Fetch-Dest', 'document'],
    ]
    if (cookie !== undefined) headers.push(['Cookie', cookie])
    if (to.body !== undefined)
      headers.push(['Content-Type', 'application/x-www-form-urlencoded'], ['Content-Length', String(to.body.length)])
    const reply = await this.#internet.send(to.url.href, {
      method: to.method,
      headers,
      from: this.#address,
      ...(to.body !== undefined && { body: to.body }),
    })
    for (const [name, value] of linesOf(reply.headers)) if (name.toLowerCase() === 'set-cookie') this.cookies.set(to.url.href, value)
    return reply
  }
}

/** Fetch §4.4: 303 is fetched by GET, 301 and 302 make a POST a GET, 307 and 308 send the body again. A fragment is inherited. */
function redirectOf(from: Navigation, page: Page): Navigation | undefined {
  const location = page.header('location')
  if (location === undefined || !REDIRECTS.has(page.status)) return undefined
  const url = new URL(location, from.url)
  if (url.hash === '' && !location.includes('#')) url.hash = from.url.hash
  const again = from.method === 'GET' || page.status > 303
  return { ...from, url, method: again ? from.method : 'GET', body: again ? from.body : undefined, before: [...from.before, from.url] }
}
