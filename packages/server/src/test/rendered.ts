import type { VNode } from 'preact'
import { renderPage, SELF } from '../pages/render.ts'

/** What tests look for on a page. */
export const html: (page: VNode) => string = (page) => renderPage(page, { status: 200, formAction: [SELF] }).body
export const count: (text: string, what: RegExp) => number = (text, what) => [...text.matchAll(what)].length
/** The whole opening tag of the element with this id. */
export const tag: (text: string, id: string) => string = (text, id) =>
  text.match(new RegExp(`<[a-z0-9]+(?: [^>]*)? id="${id}"[^>]*>`))?.[0] ?? ''
/** What a person reads: without tags. */
export const words: (text: string) => string = (text) =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([?:.])/g, '$1')
