import { cancelled, type RunView } from '@holdfast/explorer'
import { answerDevice, answerRequest } from '@holdfast/testing/approver'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import { useBffPage } from '../../packages/explorer/src/test/bff-page.ts'

/** Somebody who signs in and allows, wherever the explorer sends her. */
export class Person {
  readonly password: string
  readonly #issuer: string
  readonly #browser: Browser
  readonly #net = new Internet()
  readonly #callbacks: readonly string[]
  waiting: RunView['waiting']

  constructor(issuer: string, password: string, callbacks: readonly string[], applications: readonly string[]) {
    this.password = password
    this.#issuer = issuer
    this.#callbacks = callbacks
    const net = this.#net
    for (const origin of new Set([issuer, ...callbacks, ...applications].map((url) => new URL(url).origin)))
      net.host(origin, remote(origin))
    this.#browser = new Browser(net)
  }

  /** What went between her browser and anybody, as it was. */
  get wire(): readonly string[] {
    return this.#net.traffic.map((exchange) => JSON.stringify(exchange))
  }

  async visit(url: string): Promise<string> {
    await this.#browser.goto(url)
    await this.#answerPages()
    if (!this.#arrived()) throw cancelled()
    return this.#browser.url
  }

  /** A script of a page that she has open: her browser adds its cookies. */
  async script(page: string, url: string, init: RequestInit): Promise<Response> {
    await this.#browser.goto(page)
    return this.#browser.fetch(url, init)
  }

  async #answerPages(): Promise<void> {
    const browser = this.#browser
    for (let pages = 0; pages < 5 && !this.#arrived(); pages++) {
      if (browser.has('#login-submit')) await browser.fill('#username', 'demo').fill('#password', this.password).click('#login-submit')
      else if (browser.has('#consent-allow')) await browser.click('#consent-allow')
      else break
    }
  }

  /** On her phone, or in an application's own window. */
  async act(): Promise<void> {
    const { url = '', say = '', stays = false } = this.waiting ?? {}
    const code = /code ([A-Z0-9-]+)/.exec(say)?.[1]
    const message = /“(.+)”/.exec(say)?.[1]
    this.waiting = undefined
    if (stays) return useBffPage(this.#browser, url, say, () => this.#answerPages())
    const demo = { issuer: this.#issuer, username: 'demo', password: this.password }
    if (code !== undefined) await answerDevice(this.#browser, demo, code, 'allow')
    else if (message !== undefined && url.endsWith('/approve')) await answerRequest(this.#browser, demo, message, 'allow')
  }

  #arrived(): boolean {
    return this.#callbacks.some((callback) => this.#browser.url.startsWith(`${callback}?`) || this.#browser.url.startsWith(`${callback}#`))
  }
}
