/** @jsxImportSource preact */
import { mkdirSync, writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { Consent } from './consent.tsx'
import { ErrorPage } from './error.tsx'
import { Notice } from './notice.tsx'
import { renderPage } from './render.ts'
import { SignIn } from './sign-in.tsx'
import { stylesheet } from './stylesheet.ts'

const dir = '/tmp/pagelook'
const frame = { stylesheetHref: 'style.css' }
const signIn = { ...frame, action: '/interaction/x/login', csrf: 'c', username: '', clientName: 'Brightwater Budget', fault: undefined }
const consent = {
  ...frame, action: '/x', csrf: 'c', clientName: 'Brightwater Budget', clientPlace: 'budget.example.com',
  clientUri: 'https://a.example', policyUri: 'https://a.example/p', tosUri: 'https://a.example/t', subjectName: 'Dana Demo',
  permissions: [
    { title: 'Know who you are', detail: 'Your name and user name' },
    { title: 'See your accounts and balances', detail: undefined },
    { title: 'Stay connected when you are not using it', detail: 'Until you take it back, for 30 days at most' },
  ],
}
const error = {
  ...frame, title: 'This link does not work', explanation: 'The application sent a request that we cannot accept, so we stopped here. Nothing was shared. Go back to the application and try again.',
  reference: '7QK4-M2XR', developer: undefined, link: undefined,
}
const pages = {
  'sign-in': <SignIn {...signIn} />,
  'sign-in-fault': <SignIn {...signIn} username="dana" fault="That username and password do not match. Please try again." />,
  consent: <Consent {...consent} />,
  'consent-long': <Consent {...consent} clientName="An application with a needlessly long and tediousnamewithoutanybreaksinitatall" clientPlace="an-application-on-a-very-long-subdomain.of.some.cloud.provider.example.com" clientUri={undefined} policyUri={undefined} tosUri={undefined} permissions={[]} subjectName="dana.with.a.long.mail.address@subsidiary.example.com" />,
  error: <ErrorPage {...error} />,
  'error-dev': <ErrorPage {...error} developer={{ code: 'invalid_request', description: 'redirect_uri is not one of those registered for the client "backend-client": compared as text, character by character', rule: 'OA-21, OAuth 2.1 §2.3.1' }} link={{ href: '/', label: 'Back to the start' }} />,
  notice: <Notice {...frame} title="You are signed out" explanation="You can close this page now." link={{ href: '/', label: 'Sign in again' }} />,
}
test('look', () => {
  mkdirSync(dir, { recursive: true })
  writeFileSync(`${dir}/style.css`, stylesheet)
  for (const [name, page] of Object.entries(pages)) writeFileSync(`${dir}/${name}.html`, renderPage(page, { status: 200, formAction: [] }).body)
})
