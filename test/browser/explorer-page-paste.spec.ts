import { expect, type Page, test } from '@playwright/test'
import * as jose from 'jose'
import { type RunningDemo, startDemo } from './demo.ts'
import { readDownload } from './explorer/files.ts'
import { goOn } from './explorer/person.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'
import { type RunningProgram, startProgram } from './program.ts'

test.use({ actionTimeout: 10_000 })

let demo: RunningDemo
/** An issuer that signed none of what is pasted. */
let other: RunningProgram
/** The access token of a run. */
let token: string
test.beforeAll(async ({ browser }) => {
  ;[demo, other] = await Promise.all([startDemo(), startProgram([])])
  const page = await browser.newPage()
  await page.goto(`${demo.issuer}/explorer/#/client-credentials`)
  await goOn(page, demo, 2)
  await page.click('#export summary')
  token = /"access_token\\?":\s*\\?"([\w.-]+)/.exec((await readDownload(page, '#export-har')).toString())?.[1] ?? ''
  expect(token).toMatch(/^eyJ/)
  await page.close()
})
test.afterAll(() => Promise.all([demo.stop(), other.stop()]))

const NOW = Math.floor(Date.now() / 1000)
const PLACE = 'http://localhost:4001/accounts'

async function proof(claims: jose.JWTPayload = {}, typ = 'dpop+jwt'): Promise<string> {
  const { privateKey, publicKey } = await jose.generateKeyPair('ES256')
  const jwk = await jose.exportJWK(publicKey)
  return new jose.SignJWT({ htm: 'GET', htu: PLACE, jti: 'j', iat: NOW, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ, jwk })
    .sign(privateKey)
}

const unsigned = (header: object, payload: object): string =>
  `${[header, payload].map((part) => jose.base64url.encode(JSON.stringify(part))).join('.')}.`

async function open(page: Page): Promise<void> {
  await page.goto(`${demo.issuer}/explorer/#/paste`)
  await page.click('.where summary')
}

test(`a proof with problems: ${LOOKS}`, async ({ page }, info) => {
  await open(page)
  await page.fill('#paste-text', `DPoP: ${await proof({ htu: 'http://localhost:4002/accounts', iat: NOW - 300 })}`)
  await page.fill('#paste-method', 'POST')
  await page.fill('#paste-url', PLACE)
  const result = page.locator('#paste-result')
  await expect(result.locator('h2')).toHaveText('A receiver must refuse it: 3 reasons')
  await expect(result.locator('li.refused')).toContainText([
    /iat is \d+ s old/,
    'htm is GET, and the request is POST.',
    'htu has another port (4002) than the request.',
  ])
  await expect(result).toContainText('The signature is by the key in the header.')
  await page.locator('#paste-parts .made').evaluate((one) => one.setAttribute('open', ''))
  await expectGoodLooks(page, info, { name: 'paste', shows: '#paste-parts .made ol' })
})

test('what is pasted is told in words', async ({ page }) => {
  await open(page)
  const result = page.locator('#paste-result')
  const paste = async (text: string, ...said: readonly string[]): Promise<void> => {
    await page.fill('#paste-text', text)
    for (const one of said) await expect(result).toContainText(one)
  }
  await paste(await proof({}, 'jwt'), 'typ is jwt, expected dpop+jwt.')
  await paste(
    unsigned(
      { alg: 'none', typ: 'at+jwt' },
      { iss: 'https://as.example', sub: 'u', aud: 'a', client_id: 'c', jti: 'j', iat: NOW, exp: NOW - 7 },
    ),
    'alg is none: there is no signature, and anybody may have written this.',
    'exp is past by ',
  )
  await expect(page.locator('#paste-parts')).toContainText('It has none.')
  await paste('what my colleague sent', 'This is no JWT.')
  await expect(page.locator('#paste-parts')).toHaveCount(0)
  await paste('eyJhbGciOi', 'This is no JWT.')

  const { publicKey } = await jose.generateKeyPair('ECDH-ES')
  const sealed = await new jose.EncryptJWT({ sub: 'u' }).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' }).encrypt(publicKey)
  await paste(sealed, 'It is encrypted (JWE): only its receiver can read it')
  await expect(page.locator('#paste-parts .of-payload')).toContainText('this page cannot read it')
  await expect(page.locator('#paste-parts .of-input, #paste-parts .of-signature')).toHaveCount(0)

  // As a mail breaks it, and as a shell has it.
  await paste(`Authorization: Bearer ${token.replaceAll(/(.{70})/g, '$1\n')}`, 'The keys of the issuer are not here')
  await expect(page.locator('#paste-kind')).toHaveText(/access token/i)
  await expect(page.locator('#paste-parts > .value')).toHaveText(token)
  await paste(`${token} ${await proof()}`, '2 tokens were pasted: the first is looked at.')
})

test('a signature is good by the keys of its issuer, and by nobody else’s; half a name is never asked', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).origin))
  await open(page)
  await page.fill('#paste-text', `Bearer ${token}`)
  await page.locator('#paste-issuer').pressSequentially(demo.issuer)
  const result = page.locator('#paste-result')
  await expect(result).toContainText(`The signature is by ${demo.issuer}’s key.`)
  await expect(result).toContainText(`iss is ${demo.issuer}.`)
  await expect(result.locator('h2')).toHaveText('Nothing found that a receiver must refuse')
  expect([...new Set(asked)]).toEqual([demo.issuer])

  await page.fill('#paste-issuer', other.issuer)
  await expect(result.locator('li.refused')).toContainText([`No key of ${other.issuer} has the kid`, `expected ${other.issuer}.`])
  await page.fill('#paste-issuer', 'http://localhost:1')
  await expect(result).toContainText('The signature could not be checked: the issuer’s metadata could not be read from here.')
  await expect(result).not.toContainText('The signature is by')

  await page.fill('#paste-issuer', demo.issuer)
  const [header = '', , signature = ''] = token.split('.')
  const claims = jose.base64url.encode(JSON.stringify({ ...jose.decodeJwt(token), sub: 'somebody else' }))
  await page.fill('#paste-text', `${header}.${claims}.${signature}`)
  await expect(result).toContainText(`The signature is not by ${demo.issuer}’s key, or something was changed after it.`)
})
