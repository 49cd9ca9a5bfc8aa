/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { describe, expect, test } from 'vitest'
import { Consent } from './consent.tsx'
import { ErrorPage } from './error.tsx'
import { LogoutConfirm, SignedOut } from './logout.tsx'
import type {
  ConsentModel,
  ErrorModel,
  LogoutConfirmModel,
  NoticeModel,
  PasskeyModel,
  SecondFactorModel,
  SelectAccountModel,
  SignedOutModel,
  SignInModel,
} from './models.ts'
import { Notice } from './notice.tsx'
import { SecondFactor } from './second-factor.tsx'
import { SelectAccount } from './select-account.tsx'
import { SignIn } from './sign-in.tsx'
import { count, html, tag, words } from '../test/rendered.ts'

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`
const frame = { stylesheetHref: '/assets/x.css' }

const form = { ...frame, action: '/interaction/i', csrf: 'c-1', clientName: 'Budget' }
const passkey: PasskeyModel = { options: '{"challenge":"x"}', ticket: 't-1', creates: false, scriptHref: '/assets/p.js' }
const signIn: SignInModel = { ...form, username: '', passkey: undefined, signUp: false, fault: undefined }
const code: SecondFactorModel = { ...form, username: 'dana', stepUp: false, byCode: true, passkey: undefined, fault: undefined }
const choice: SelectAccountModel = { ...form, people: [{ reference: 'r-1', displayName: 'Dana Demo', username: 'dana' }] }
const consent: ConsentModel = {
  ...frame,
  action: '/interaction/i/consent',
  csrf: 'c-1',
  clientName: 'Budget',
  clientPlace: 'budget.example',
  clientUri: 'https://budget.example/',
  policyUri: 'https://budget.example/privacy',
  tosUri: undefined,
  subjectName: 'Dana Demo',
  permissions: [
    { title: 'See your accounts', detail: 'Names and balances' },
    { title: 'Stay connected', detail: undefined },
  ],
  details: [],
}
const error: ErrorModel = {
  ...frame,
  title: 'This link does not work',
  explanation: 'Go back and try again.',
  reference: 'REF-1',
  developer: { code: 'invalid_request', description: 'redirect_uri is not registered', rule: 'OAuth 2.1 §2.3' },
  link: { href: '/', label: 'Back to the start' },
}
const notice: NoticeModel = {
  ...frame,
  title: 'You are signed out',
  explanation: 'You can close this page.',
  link: { href: '/', label: 'Sign in again' },
}

const logout: LogoutConfirmModel = {
  ...frame,
  action: '/end-session/confirm',
  csrf: 'c-1',
  request: 'r-1',
  clientName: 'Budget',
  people: ['Dana Demo'],
}
const signedOut: SignedOutModel = {
  ...frame,
  title: 'You are signed out',
  explanation: 'You can close this page.',
  frames: [],
  onwards: { href: 'https://budget.example/out', label: 'Budget' },
  scriptHref: undefined,
}

const hostile = (text: string | undefined): string => (text === undefined ? HOSTILE : HOSTILE + text)
const pages: readonly (readonly [string, VNode, VNode])[] = [
  [
    'sign-in',
    <SignIn {...signIn} />,
    <SignIn {...signIn} csrf={HOSTILE} username={HOSTILE} clientName={HOSTILE} fault={HOSTILE} action={hostile(signIn.action)} />,
  ],
  [
    'one-time code',
    <SecondFactor {...code} />,
    <SecondFactor {...code} csrf={HOSTILE} username={HOSTILE} clientName={HOSTILE} fault={HOSTILE} action={hostile(code.action)} />,
  ],
  [
    'passkey',
    <SecondFactor {...code} byCode={false} passkey={passkey} />,
    <SecondFactor {...code} byCode={false} passkey={{ ...passkey, options: HOSTILE, ticket: HOSTILE }} username={HOSTILE} />,
  ],
  [
    'choice of an account',
    <SelectAccount {...choice} />,
    <SelectAccount {...choice} clientName={HOSTILE} people={[{ reference: HOSTILE, displayName: HOSTILE, username: HOSTILE }]} />,
  ],
  [
    'consent',
    <Consent {...consent} />,
    <Consent
      {...consent}
      csrf={HOSTILE}
      clientName={HOSTILE}
      clientPlace={HOSTILE}
      subjectName={HOSTILE}
      clientUri={'https://a.example/' + HOSTILE}
      policyUri={HOSTILE}
      permissions={[{ title: HOSTILE, detail: HOSTILE }]}
    />,
  ],
  [
    'error',
    <ErrorPage {...error} />,
    <ErrorPage
      {...error}
      title={HOSTILE}
      explanation={HOSTILE}
      reference={HOSTILE}
      developer={{ code: HOSTILE, description: HOSTILE, rule: HOSTILE }}
      link={{ href: '/' + HOSTILE, label: HOSTILE }}
    />,
  ],
  [
    'notice',
    <Notice {...notice} />,
    <Notice {...notice} title={HOSTILE} explanation={HOSTILE} link={{ href: '/x' + HOSTILE, label: HOSTILE }} />,
  ],
  [
    'logout',
    <LogoutConfirm {...logout} />,
    <LogoutConfirm {...logout} csrf={HOSTILE} request={HOSTILE} clientName={HOSTILE} people={[HOSTILE]} action={hostile(logout.action)} />,
  ],
  [
    'signed out',
    <SignedOut {...signedOut} />,
    <SignedOut {...signedOut} title={HOSTILE} explanation={HOSTILE} onwards={{ href: 'https://a.example/' + HOSTILE, label: HOSTILE }} />,
  ],
]

describe.each(pages)('%s page', (_name, page, attacked) => {
  test('has one h1, one main, a language, a title and the stylesheet', () => {
    const body = html(page)
    expect(body.startsWith('<!doctype html><html lang="en"><head><meta charset="utf-8"')).toBe(true)
    expect(count(body, /<h1>/g)).toBe(1)
    expect(count(body, /<main[ >]/g)).toBe(1)
    expect(body).toMatch(/<title>[^<]+ · Holdfast<\/title>/)
    expect(body).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"')
    expect(body).toContain('<meta name="color-scheme" content="light dark"')
    expect(body).toContain('<link rel="stylesheet" href="/assets/x.css"')
  })

  test('has nothing that the policy forbids: no script, no inline style, no handler', () => {
    const body = html(page)
    expect(body.replace('<script type="module" src="/assets/p.js"></script>', '')).not.toMatch(/<script|<style|<iframe| style=| on[a-z]+=/i)
    expect(count(body, / id="([^"]+)"/g)).toBe(new Set([...body.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])).size)
  })

  test('OA-08 A10: hostile text stays text: the same elements and attributes as without it', () => {
    const body = html(attacked)
    expect(body.replace('<script type="module" src="/assets/p.js"></script>', '')).not.toMatch(/<script|<img|onerror="?[^&]*<|javascript:/i)
    expect(body).toContain('&lt;script')
    expect(body).not.toContain(`"">`)
    expect(body).toContain('&amp;amp;')
  })
})

describe('consent', () => {
  test('names the client, the person, each permission and where the browser goes', () => {
    const text = words(html(<Consent {...consent} />))
    for (const part of [
      'Allow Budget?',
      'Signed in as Dana Demo',
      'Afterwards you go to budget.example',
      'See your accounts Names and balances',
      'Stay connected',
    ]) {
      expect(text).toContain(part)
    }
    expect(words(html(<Consent {...consent} permissions={[]} />))).toContain('will know that you signed in, and nothing else')
  })

  test('both buttons are equal in weight, and neither is chosen for the person', () => {
    const body = html(<Consent {...consent} />)
    const [deny, allow] = [tag(body, 'consent-deny'), tag(body, 'consent-allow')]
    expect(deny).toContain('name="answer" value="deny"')
    expect(allow).toBe(deny.replaceAll('deny', 'allow'))
    expect(body).not.toContain('autofocus')
  })

  test('a stranger’s address is a link only when it is http or https, and it learns nothing of this page', () => {
    for (const uri of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'no url',
      '//evil.example',
      '/logout',
      '',
    ]) {
      const body = html(<Consent {...consent} clientUri={uri} policyUri={uri} tosUri={uri} />)
      expect(count(body, /<a /g)).toBe(0)
    }
    const body = html(<Consent {...consent} />)
    expect(count(body, /<a href="https:\/\/budget\.example\/[a-z]*" target="_blank" rel="noopener noreferrer">/g)).toBe(2)
  })
})

describe('error', () => {
  test('the explanation and the reference stand in #oauth-error; the developer’s part only when the model has it', () => {
    const inside = html(<ErrorPage {...error} />).split('<div id="oauth-error">')[1] ?? ''
    for (const part of ['Go back and try again.', 'REF-1', 'invalid_request', 'redirect_uri is not registered', 'OAuth 2.1 §2.3'])
      expect(inside).toContain(part)
    const shown = html(<ErrorPage {...error} developer={undefined} />)
    expect(shown).not.toMatch(/invalid_request|redirect_uri|§|developer/i)
    expect(shown).toContain('REF-1')
  })

  test('a way on leads along a path or http(s), nowhere else', () => {
    for (const href of ['javascript:alert(1)', '//evil.example/', '/\\evil.example/', '/\t/evil.example', 'data:text/html,x']) {
      expect(html(<ErrorPage {...error} link={{ href, label: 'On' }} />)).not.toContain('<a ')
    }
    for (const href of ['/', '/account', 'https://client.example/'])
      expect(html(<Notice {...notice} link={{ href, label: 'On' }} />)).toContain(`<a class="button" href="${href}"`)
  })
})
