/** @jsxImportSource preact */
import { describe, expect, test } from 'vitest'
import { FormPost } from './form-post.tsx'
import { formPostScript } from './form-post-script.ts'
import type { FormPostModel } from './models.ts'
import { renderPage } from './render.ts'

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`
const model: FormPostModel = {
  stylesheetHref: '/assets/x.css',
  scriptHref: '/assets/x.js',
  action: 'https://budget.example/callback',
  clientPlace: 'budget.example',
  fields: [
    ['code', 'c-1'],
    ['state', 's-1'],
  ],
}
const html = (m: FormPostModel): string =>
  renderPage(<FormPost {...m} />, { status: 200, formAction: ['https://budget.example'], script: true }).body
const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length

describe('form-post page', () => {
  test('has one h1, one main, a language, a title and the stylesheet', () => {
    const body = html(model)
    expect(body.startsWith('<!doctype html><html lang="en">')).toBe(true)
    expect([count(body, /<h1>/g), count(body, /<main[ >]/g)]).toEqual([1, 1])
    expect(body).toContain('<title>Going back · Holdfast</title>')
  })

  test('posts every parameter, by a button that one sees, or by the script', () => {
    const body = html(model)
    expect(body).toContain('<form id="form-post" method="post" action="https://budget.example/callback">')
    expect(body).toContain('<input type="hidden" name="code" value="c-1"/><input type="hidden" name="state" value="s-1"/>')
    expect(body).toMatch(/<button class="button primary" id="form-post-submit" type="submit">Continue<\/button>/)
    expect(body).toContain('<script src="/assets/x.js" defer></script>')
    expect(body).toContain('<bdi>budget.example</bdi>')
  })

  test('has no inline script, no inline style, no handler', () => {
    expect(html(model)).not.toMatch(/<script>|<style|<iframe| style=| on[a-z]+=/i)
  })

  test('A10: hostile text stays text: the same elements and attributes as without it', () => {
    const body = html({ ...model, action: `https://budget.example/${HOSTILE}`, clientPlace: HOSTILE, fields: [[HOSTILE, HOSTILE]] })
    expect([count(body, /<script/g), count(body, /<img/g), count(body, /<input/g)]).toEqual([1, 0, 1])
    expect(body).toContain('&lt;script')
    expect(body).not.toContain(`"">`)
  })

  test('a parameter that is called submit does not stop the script', () => {
    expect(formPostScript).toContain('HTMLFormElement.prototype.submit.call(')
  })
})
