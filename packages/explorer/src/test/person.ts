import type { Browser } from '@holdfast/testing/browser'
import { answerDevice, answerRequest } from '@holdfast/testing/approver'
import type { CodePeople } from '../../../server/src/test/one-time-codes.ts'
import { ISSUER, PASSWORD } from '../../../server/src/test/server.ts'
import { cancelled } from '../faults.ts'
import type { RunView } from '../model.ts'
import { useBffPage } from './bff-page.ts'

const ADA = { issuer: ISSUER, username: 'ada', password: PASSWORD }

/** Somebody who does with a browser what the explorer asks her to. */
export class Person {
  readonly browser: Browser
  readonly people: CodePeople
  readonly #callbacks: readonly string[]
  /** What is waited for where nothing comes back: she acts when the program waits. */
  waiting: RunView['waiting']
  /** Says no where she is asked to allow. */
  refuses = false
  /** Pages that she was shown and did not come back from. */
  readonly stuck: string[] = []

  constructor(browser: Browser, people: CodePeople, callbacks: readonly string[]) {
    this.browser = browser
    this.people = people
    this.#callbacks = callbacks
  }

  /** Goes there, signs in and allows, until the browser comes to a callback. */
  async visit(url: string): Promise<string> {
    await this.browser.goto(url)
    await this.#answerPages()
    if (this.#arrived()) return this.browser.url
    this.stuck.push(`${this.browser.status} ${this.browser.url}`)
    throw cancelled()
  }

  /** A script of a page that she has open there: her browser adds its cookies, and no answer can be read without leave (CORS). */
  async script(page: string, url: string, init: RequestInit): Promise<Response> {
    await this.browser.goto(page)
    return this.browser.fetch(url, init)
  }

  async #answerPages(): Promise<void> {
    for (let pages = 0; pages < 5 && !this.#arrived(); pages++) {
      if (this.browser.has('#login-submit')) {
        this.browser.fill('#username', 'ada').fill('#password', PASSWORD)
        await this.browser.click('#login-submit')
      } else if (this.browser.has('#consent-allow')) await this.browser.click(this.refuses ? '#consent-deny' : '#consent-allow')
      else break
    }
  }

  #arrived(): boolean {
    return this.#callbacks.some((callback) => this.browser.url.startsWith(`${callback}?`) || this.browser.url.startsWith(`${callback}#`))
  }

  /** Answers on her phone what she was asked to, or in an application's own window. */
  async act(): Promise<void> {
    const { url = '', say = '', stays = false } = this.waiting ?? {}
    const code = /code ([A-Z0-9-]+)/.exec(say)?.[1]
    const message = /“(.+)”/.exec(say)?.[1]
    this.waiting = undefined
    if (stays) return useBffPage(this.browser, url, say, () => this.#answerPages())
    if (code !== undefined) await answerDevice(this.browser, ADA, code, 'allow')
    else if (message !== undefined && url.endsWith('/approve')) await answerRequest(this.browser, ADA, message, 'allow')
  }
}
