/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { encode } from 'uqr'
import { describe, expect, test } from 'vitest'
import { Account } from './account.tsx'
import { Factors, LastFactor } from './account-factors.tsx'
import type {
  AccountModel,
  AddPasskeyModel,
  ApplicationModel,
  AuthenticatorAppModel,
  FactorsModel,
  FactorsPageModel,
  LastFactorModel,
  PasskeyLineModel,
  SessionModel,
} from './account-models.ts'
import { AddPasskey, AuthenticatorApp } from './authenticator-app.tsx'
import { momentOf } from './moment.tsx'
import { QrCode } from './qr-code.tsx'
import { renderPage, SELF } from './render.ts'

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`
const at = new Date('2027-01-15T08:00:00Z')
const frame = { stylesheetHref: '/assets/x.css' }
const form = { ...frame, action: '/account/factors', csrf: 'c-1', back: { href: '/account', label: 'Back' } }
const hrefs = { factors: '/f', sessions: '/s', applications: '/a', endSession: '/e' }
const line: PasskeyLineModel = { id: 'p-1', name: 'Laptop', createdAt: at, usedAt: at, synced: true, copySuspectedAt: undefined }
const factors: FactorsModel = {
  app: 'set',
  passkeys: [line, { ...line, id: 'p-2', usedAt: undefined, synced: false, copySuspectedAt: at }],
}
const session: SessionModel = { reference: 's-1', here: true, signedInAt: at, seenAt: at, methods: 'a password' }
const application: ApplicationModel = {
  clientId: 'web',
  name: 'Budget',
  stranger: { publishedBy: 'budget.example', onlyOnDevice: false },
  openHref: 'https://budget.example/',
  permissions: [{ title: 'See your accounts', detail: undefined }],
  details: [{ title: [{ text: 'Pay', sent: false }], lines: [], all: [] }],
  givenAt: at,
}
const account: AccountModel = {
  ...frame,
  csrf: 'c-1',
  displayName: 'Dana Demo',
  username: 'dana',
  done: 'Signed out there.',
  factors,
  sessions: [session, { ...session, here: false, reference: 's-2' }, { ...session, here: false, reference: 's-3', signedInAt: undefined }],
  moreSessions: true,
  applications: [application, { ...application, clientId: 'gone', name: undefined }],
  hrefs,
}
const hostileAccount: AccountModel = {
  ...account,
  displayName: HOSTILE,
  username: HOSTILE,
  factors: { app: 'set', passkeys: [{ ...line, id: HOSTILE, name: HOSTILE }] },
  applications: [
    {
      ...application,
      clientId: HOSTILE,
      name: HOSTILE,
      openHref: `javascript:${HOSTILE}`,
      permissions: [{ title: HOSTILE, detail: HOSTILE }],
    },
  ],
}
const page: FactorsPageModel = { ...form, factors, addPasskeyHref: '/p' }
const last: LastFactorModel = { ...form, fields: [['answer', 'remove-passkey']], passkeyName: 'Laptop' }
const app: AuthenticatorAppModel = {
  ...form,
  uri: 'otpauth://totp/x?secret=ABCDEFGH',
  secret: 'ABCDEFGHI',
  replaces: true,
  fault: undefined,
}
const passkey = { options: '{"challenge":"x"}', ticket: 't-1', creates: true, scriptHref: '/assets/p.js' }
const add: AddPasskeyModel = { ...form, passkey, name: 'Laptop', fault: undefined }

const html = (node: VNode): string => renderPage(node, { status: 200, formAction: [SELF] }).body
const OURS = '<script type="module" src="/assets/p.js"></script>'

const pages: readonly (readonly [string, VNode, VNode])[] = [
  ['account', <Account {...account} />, <Account {...hostileAccount} />],
  ['factors', <Factors {...page} />, <Factors {...page} factors={hostileAccount.factors} />],
  ['last factor', <LastFactor {...last} />, <LastFactor {...last} passkeyName={HOSTILE} fields={[['x', HOSTILE]]} />],
  ['authenticator app', <AuthenticatorApp {...app} />, <AuthenticatorApp {...app} fault={HOSTILE} uri={HOSTILE} />],
  ['passkey', <AddPasskey {...add} />, <AddPasskey {...add} fault={HOSTILE} name={HOSTILE} passkey={{ ...passkey, options: HOSTILE }} />],
]

describe.each(pages)('%s page', (_name, node, attacked) => {
  test('has one h1 and one main, no id twice, and nothing that the policy forbids', () => {
    const body = html(node)
    expect([body.match(/<h1>/g)?.length, body.match(/<main[ >]/g)?.length]).toEqual([1, 1])
    expect(body.replace(OURS, '')).not.toMatch(/<script|<style|<iframe| style=| on[a-z]+=/i)
    const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(ids).toEqual([...new Set(ids)])
  })

  test('OA-08 A10: hostile text stays text', () => {
    const body = html(attacked)
    expect(body.replace(OURS, '')).not.toMatch(/<script|<img|onerror="?[^&]*<|href="javascript:/i)
    expect(body).toContain('&lt;script')
    expect(body).not.toContain(`"">`)
  })
})

test('every form has its token, and every button a name of its own', () => {
  for (const node of [<Account {...account} />, <Factors {...page} />]) {
    const body = html(node)
    expect(body.match(/name="csrf" value="c-1"/g)?.length).toBe(body.match(/<form/g)?.length)
  }
  const body = html(<Factors {...page} factors={{ app: 'set', passkeys: [line, { ...line, id: 'p-2', name: 'Phone' }] }} />)
  expect(body).toContain('the passkey <bdi>Laptop</bdi>')
  expect(body).toContain('the passkey <bdi>Phone</bdi>')
})

test('an app that only the operator changes has no buttons', () => {
  const body = html(<Factors {...page} factors={{ app: 'operator', passkeys: undefined }} />)
  expect(body).not.toMatch(/app-begin|app-remove|passkey-add/)
})

test('the key stands in groups of four', () => {
  expect(html(<AuthenticatorApp {...app} />)).toContain('>ABCD EFGH I</code>')
})

test('a fault is announced, and the field points at it', () => {
  expect(html(<AuthenticatorApp {...app} fault="Wrong." />)).toMatch(
    /id="code-fault" role="alert">Wrong\..*id="code"[^>]*aria-invalid="true" aria-describedby="code-fault"/s,
  )
})

test('moments are in UTC', () => {
  expect(momentOf(at)).toBe('15 January 2027, 08:00 UTC')
})

describe('a QR code', () => {
  const text = 'otpauth://totp/Example:dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example'
  const body = html(<QrCode text={text} label="QR code" />)

  test('ISO/IEC 18004: its one path draws the modules of the encoder, with a margin of four on white', () => {
    const { data, size } = encode(text, { ecc: 'M', border: 0 })
    expect(body).toContain(`viewBox="0 0 ${size + 8} ${size + 8}"`)
    expect(body).toContain(`<path fill="#fff" d="M0 0h${size + 8}v${size + 8}H0z"`)
    const drawn = data.map((row) => row.map(() => false))
    const runs = /fill="#000" d="([^"]+)"/.exec(body)?.[1]?.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g) ?? []
    for (const [, x, y, length] of runs)
      for (let step = 0; step < Number(length); step++) (drawn[Number(y) - 4] as boolean[])[Number(x) - 4 + step] = true
    expect(drawn).toEqual(data)
  })

  test('it has words, and says nothing of the secret to who cannot see it but needs none', () => {
    expect(body).toContain('role="img" aria-label="QR code"')
    expect(body).not.toContain('GEZDGNBV')
  })
})
