import type { Reply } from '@holdfast/protocol/http'
import { headerOf, type Line, linesOf } from './exchange.ts'
import type { Initiator } from './fetch-metadata.ts'
import { type PageElement, parseHtml } from './html.ts'

/** What a form sends. */
export interface Submission {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly body: string | undefined
}

/** A document with what a person has done to it. */
export class Page {
  readonly url: URL
  readonly status: number
  readonly body: string
  readonly lines: readonly Line[]
  readonly document: PageElement
  readonly #typed = new Map<PageElement, string>()
  readonly #ticked = new Map<PageElement, boolean>()

  constructor(url: URL, reply: Reply) {
    this.url = url
    this.status = reply.status
    this.body = reply.body
    this.lines = linesOf(reply.headers)
    this.document = parseHtml(/^text\/html\b/i.test(this.header('content-type') ?? '') ? reply.body : '')
  }

  header(name: string): string | undefined {
    return headerOf(this.lines, name)
  }

  get initiator(): Initiator {
    return {
      url: this.url,
      referrerPolicy: (this.header('referrer-policy') ?? 'strict-origin-when-cross-origin').replace(/^.*,/, '').trim().toLowerCase(),
    }
  }

  /** Every line of `Content-Security-Policy`. */
  get policies(): readonly string[] {
    return this.lines.filter(([name]) => name.toLowerCase() === 'content-security-policy').map(([, value]) => value)
  }

  /** @throws {Error} nothing fits, with what the page is */
  element(selector: string): PageElement {
    const found = this.document.find(selector)
    if (found === undefined)
      throw new Error(`no ${selector} on ${this.url.href} (${this.status}): ${this.document.text.slice(0, 300) || this.body.slice(0, 300)}`)
    return found
  }

  fill(selector: string, value: string): void {
    const element = this.element(selector)
    if (!['input', 'textarea', 'select'].includes(element.tag))
      throw new Error(`${selector} is a ${element.tag}: nothing can be typed there`)
    if (element.attributes.has('disabled') || element.attributes.has('readonly')) throw new Error(`${selector} cannot be changed`)
    if (element.tag === 'select' && !element.findAll('option').some((option) => valueOf(option) === value))
      throw new Error(`${selector} has no option ${value}`)
    this.#typed.set(element, value)
  }

  tick(selector: string, on: boolean): void {
    const element = this.element(selector)
    if (element.attribute('type') === 'radio')
      for (const other of this.document.findAll('input[type=radio]'))
        if (other.attribute('name') === element.attribute('name') && this.formOf(other) === this.formOf(element))
          this.#ticked.set(other, false)
    this.#ticked.set(element, on)
  }

  formOf(element: PageElement): PageElement | undefined {
    const id = element.attribute('form')
    return id === undefined ? element.closest('form') : this.document.find(`form#${id}`)
  }

  /** HTML §4.10.22: the controls with names, in order, and the button that was pressed. */
  submission(form: PageElement, button: PageElement | undefined): Submission {
    const enctype = button?.attribute('formenctype') ?? form.attribute('enctype') ?? 'application/x-www-form-urlencoded'
    if (enctype !== 'application/x-www-form-urlencoded') throw new Error(`this browser does not speak ${enctype}`)
    const fields = new URLSearchParams()
    for (const control of this.document.all()) {
      const name = control.attribute('name')
      if (
        name === undefined ||
        name === '' ||
        this.formOf(control) !== form ||
        control.attributes.has('disabled') ||
        control.closest('fieldset')?.attributes.has('disabled')
      )
        continue
      for (const value of this.#values(control, button)) fields.append(name, value.replace(/\r\n|\r|\n/g, '\r\n'))
    }
    const method = (button?.attribute('formmethod') ?? form.attribute('method') ?? 'get').toUpperCase() === 'POST' ? 'POST' : 'GET'
    const url = new URL(button?.attribute('formaction') || form.attribute('action') || this.url.href, this.url)
    if (method === 'POST') return { method, url, body: fields.toString() }
    url.search = fields.toString()
    return { method, url, body: undefined }
  }

  #values(control: PageElement, button: PageElement | undefined): readonly string[] {
    if (control.tag === 'textarea') return [this.#typed.get(control) ?? control.content.replace(/^\n/, '')]
    if (control.tag === 'select') {
      const options = control.findAll('option')
      const chosen = options.find((option) => option.attributes.has('selected')) ?? options[0]
      return [this.#typed.get(control) ?? (chosen === undefined ? '' : valueOf(chosen))]
    }
    const type = (control.attribute('type') ?? '').toLowerCase()
    if (control.tag === 'button' || (control.tag === 'input' && ['submit', 'button', 'reset', 'image'].includes(type)))
      return control === button ? [valueOf(control)] : []
    if (control.tag !== 'input') return []
    if (type === 'checkbox' || type === 'radio')
      return (this.#ticked.get(control) ?? control.attributes.has('checked')) ? [control.attribute('value') ?? 'on'] : []
    return [this.#typed.get(control) ?? valueOf(control)]
  }
}

function valueOf(element: PageElement): string {
  return element.attribute('value') ?? (element.tag === 'option' ? element.text : '')
}
