/** @jsxImportSource preact */
import { describe, expect, test } from 'vitest'
import type { VNode } from 'preact'
import type { PasskeyModel, SecondFactorModel, SignInModel } from './models.ts'
import { SecondFactor } from './second-factor.tsx'
import { SignIn } from './sign-in.tsx'
import { html, tag, words } from '../test/rendered.ts'

const form = { stylesheetHref: '/assets/x.css', action: '/interaction/i', csrf: 'c-1', clientName: 'Budget' }
const signIn: SignInModel = { ...form, username: '', passkey: undefined, signUp: false, fault: undefined }
const code: SecondFactorModel = { ...form, username: 'dana', stepUp: false, byCode: true, passkey: undefined, fault: undefined }
const passkey: PasskeyModel = { options: '{"challenge":"x"}', ticket: 't-1', creates: false, scriptHref: '/assets/p.js' }

describe('sign-in', () => {
  test('has the stable ids, labels and autocomplete words', () => {
    const body = html(<SignIn {...signIn} />)
    expect(body).toContain('<h1>Sign in</h1>')
    expect(body).toContain('<form method="post" action="/interaction/i">')
    expect(body).toContain('<input type="hidden" name="csrf" value="c-1"')
    expect(tag(body, 'username')).toMatch(
      /name="username".*type="text".*autocomplete="username".*autocapitalize="none".*spellcheck="false".*required/,
    )
    expect(tag(body, 'password')).toMatch(/name="password".*type="password".*autocomplete="current-password".*required/)
    expect(tag(body, 'password')).not.toContain('value=')
    expect(tag(body, 'login-submit')).toContain('type="submit"')
    expect(body).toMatch(/<label for="username">[^<]+<\/label>.*<label for="password">[^<]+<\/label>/)
    expect(words(body)).toContain('to continue to Budget')
  })

  test('the focus stands where the next thing is typed', () => {
    const empty = html(<SignIn {...signIn} />)
    expect([tag(empty, 'username'), tag(empty, 'password')].map((input) => input.includes('autofocus'))).toEqual([true, false])
    const known = html(<SignIn {...signIn} username="dana" />)
    expect([tag(known, 'username'), tag(known, 'password')].map((input) => input.includes('autofocus'))).toEqual([false, true])
    expect(tag(known, 'username')).toContain('value="dana"')
  })

  test('a fault is announced, and both fields point at it', () => {
    const body = html(<SignIn {...signIn} fault="They do not match." />)
    expect(body).toMatch(/<p class="fault" id="login-fault" role="alert">They do not match.<\/p>/)
    for (const id of ['username', 'password']) expect(tag(body, id)).toMatch(/aria-invalid="true".*aria-describedby="login-fault"/)
    expect(body).toContain('<title>Error: Sign in · Holdfast</title>')
    expect(html(<SignIn {...signIn} />)).not.toMatch(/role="alert"|aria-invalid/)
  })
})

describe('one-time code', () => {
  test('has the stable ids, a label, and what phones and password managers look for', () => {
    const body = html(<SecondFactor {...code} />)
    expect(tag(body, 'code')).toMatch(/name="code".*type="text".*inputmode="numeric".*autocomplete="one-time-code".*required.*autofocus/)
    expect(tag(body, 'code')).not.toMatch(/value=|maxlength/)
    expect(body).toMatch(/<label for="code">[^<]+<\/label>/)
    expect(words(body)).toMatch(/for dana ?, to continue to Budget/)
  })

  test('the Enter key sends the code: the way back stands second, and needs none', () => {
    const body = html(<SecondFactor {...code} />)
    expect(body.indexOf('id="code-submit"')).toBeLessThan(body.indexOf('id="code-restart"'))
    expect(tag(body, 'code-restart')).toMatch(/type="submit".*name="answer".*value="restart"/)
    expect(body.slice(body.indexOf('id="code-submit"'), body.indexOf('id="code-restart"'))).toContain('</form>')
  })

  test('one button stands out: the passkey where there is nothing else, the code where there are both', () => {
    const standsOut = (page: VNode): readonly (string | undefined)[] =>
      [...html(page).matchAll(/<button class="button primary" id="([^"]*)"/g)].map(([, id]) => id)
    expect(standsOut(<SecondFactor {...code} byCode={false} passkey={passkey} />)).toEqual(['passkey-submit'])
    expect(standsOut(<SecondFactor {...code} passkey={passkey} />)).toEqual(['code-submit'])
  })

  test('a fault is announced, and the field points at it', () => {
    const body = html(<SecondFactor {...code} fault="It is wrong." />)
    expect(body).toMatch(/<p class="fault" id="code-fault" role="alert">It is wrong.<\/p>/)
    expect(tag(body, 'code')).toMatch(/aria-invalid="true".*aria-describedby="code-fault"/)
    expect(body).toContain('<title>Error: One-time code · Holdfast</title>')
  })
})
