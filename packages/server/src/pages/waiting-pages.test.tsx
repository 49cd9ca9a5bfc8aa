/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { describe, expect, test } from 'vitest'
import { Approvals } from './approvals.tsx'
import { DeviceConfirm, DeviceEntry } from './device.tsx'
import type { ApprovalModel, DeviceConfirmModel, DeviceEntryModel } from './models.ts'
import { renderPage, SELF } from './render.ts'

const HOSTILE = `"><script>alert('1')</script><img src=x onerror=alert(1)>&amp;`
const frame = { stylesheetHref: '/assets/x.css' }
const requestedAt = new Date('2027-01-15T08:00:00Z')

const entry: DeviceEntryModel = { ...frame, action: '/device', csrf: 'c-1', userCode: '', fault: undefined }
const confirm: DeviceConfirmModel = {
  ...frame,
  action: '/device/decision',
  csrf: 'c-1',
  request: 'r-1',
  clientName: 'Television',
  subjectName: 'Dana Demo',
  userCode: 'WDJB-MJHT',
  address: '192.0.2.1',
  sameAddress: false,
  requestedAt,
  permissions: [{ title: 'See your accounts', detail: undefined }],
  details: [
    {
      title: [
        { text: 'Pay ', sent: false },
        { text: '5 EUR', sent: true },
      ],
      lines: [],
      all: [{ label: 'amount', value: '5' }],
    },
  ],
}
const approval: ApprovalModel = {
  csrf: 'c-1',
  request: 'r-1',
  clientName: 'Bank counter',
  bindingMessage: 'Till 7',
  requestedAt,
  permissions: [{ title: 'See your accounts', detail: undefined }],
  details: [
    {
      title: [
        { text: 'Pay ', sent: false },
        { text: '5 EUR', sent: true },
      ],
      lines: [],
      all: [{ label: 'amount', value: '5' }],
    },
  ],
}
const approvals = {
  ...frame,
  action: '/approve',
  subjectName: 'Dana Demo',
  requests: [approval, { ...approval, bindingMessage: undefined }],
}

const html = (page: VNode): string => renderPage(page, { status: 200, formAction: [SELF] }).body
const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length
const tag = (text: string, id: string): string => text.match(new RegExp(`<[a-z0-9]+(?: [^>]*)? id="${id}"[^>]*>`))?.[0] ?? ''

const pages: readonly (readonly [string, VNode, VNode])[] = [
  ['code', <DeviceEntry {...entry} />, <DeviceEntry {...entry} csrf={HOSTILE} userCode={HOSTILE} fault={HOSTILE} />],
  [
    'device',
    <DeviceConfirm {...confirm} />,
    <DeviceConfirm
      {...confirm}
      csrf={HOSTILE}
      request={HOSTILE}
      clientName={HOSTILE}
      subjectName={HOSTILE}
      userCode={HOSTILE}
      address={HOSTILE}
      permissions={[{ title: HOSTILE, detail: HOSTILE }]}
    />,
  ],
  [
    'requests',
    <Approvals {...approvals} />,
    <Approvals
      {...approvals}
      subjectName={HOSTILE}
      requests={[{ ...approval, csrf: HOSTILE, request: HOSTILE, clientName: HOSTILE, bindingMessage: HOSTILE }]}
    />,
  ],
]

describe.each(pages)('%s page', (_name, page, attacked) => {
  test('has one h1, one main, unique ids, labels for its fields, and nothing that the policy forbids', () => {
    const body = html(page)
    expect([count(body, /<h1>/g), count(body, /<main[ >]/g)]).toEqual([1, 1])
    expect(body).toMatch(/<title>[^<]+ · Holdfast<\/title>/)
    expect(body).not.toMatch(/<script|<style|<iframe| style=| on[a-z]+=/i)
    const ids = [...body.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
    expect(ids).toHaveLength(new Set(ids).size)
    for (const [, names = ''] of body.matchAll(/ (?:aria-labelledby|aria-describedby|for)="([^"]+)"/g))
      for (const name of names.split(' ')) expect(ids).toContain(name)
  })

  test('OA-08 A10: hostile text stays text', () => {
    const body = html(attacked)
    expect(body).not.toMatch(/<script|<img|onerror="?[^&]*</i)
    expect(body).toContain('&lt;script')
    expect(body).not.toContain(`"">`)
  })
})

test('the focus stands in the field for the code; a fault is announced, and the field points at it', () => {
  const body = html(<DeviceEntry {...entry} fault="Not valid." userCode="BBBB" />)
  expect(tag(body, 'user-code')).toMatch(/name="user_code".*autocomplete="off".*required.*value="BBBB".*autofocus.*aria-invalid="true"/)
  expect(tag(body, 'user-code')).toContain('aria-describedby="code-fault code-origin"')
  expect(body).toMatch(/<p class="fault" id="code-fault" role="alert">Not valid.<\/p>/)
  expect(body).toContain('<title>Error: Connect a device')
})

test('DEV-15 RFC 8628 §5.4: the place tells whether it is where the person is', () => {
  expect(html(<DeviceConfirm {...confirm} />)).toContain('192.0.2.1, which is not the network address that you use now')
  expect(html(<DeviceConfirm {...confirm} sameAddress />)).toContain('192.0.2.1, the network address that you use now')
  expect(html(<DeviceConfirm {...confirm} address="" />)).toContain('an unknown network address')
})

test('yes and no have the same weight, and neither has the focus', () => {
  for (const [page, ids] of [
    [<DeviceConfirm {...confirm} />, ['device-allow', 'device-deny']],
    [<Approvals {...approvals} />, ['allow-1', 'deny-1', 'allow-2', 'deny-2']],
  ] as const) {
    const body = html(page)
    expect(body).not.toContain('autofocus')
    for (const id of ids) expect(tag(body, id)).toMatch(/class="button"/)
  }
})

test('each request has a form of its own', () => {
  const body = html(<Approvals {...approvals} />)
  expect([count(body, /<form /g), count(body, /name="request"/g), count(body, /name="csrf"/g)]).toEqual([2, 2, 2])
  expect(html(<Approvals {...approvals} requests={[]} />)).toContain('Nothing waits for your answer')
})
