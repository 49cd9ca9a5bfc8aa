import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { goOn, tryAttack } from './explorer/person.ts'
import { type Served, servePages, serveWithoutCors } from './explorer/static.ts'
import { freePort, PASSWORD, type RunningProgram, serveProgram, startProgram } from './program.ts'

test.use({ actionTimeout: 10_000 })

let pages: Served
let shut: Served
let program: RunningProgram
test.beforeAll(async () => {
  pages = await servePages()
  shut = await serveWithoutCors()
  program = await startProgram([
    {
      client_id: 'page-elsewhere',
      client_name: 'Flow explorer elsewhere',
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${pages.origin}/explorer/callback.html`],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'openid profile offline_access',
    },
  ])
})
test.afterAll(() => Promise.all([pages.stop(), shut.stop(), program.stop()]))

const person = (): Parameters<typeof goOn>[1] => ({ ...program, client: '', bff: '', password: PASSWORD })

function faultsOf(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('console', (message) => void (/Content Security Policy/.test(message.text()) && faults.push(message.text())))
  page.on('pageerror', (error) => void faults.push(error.message))
  return faults
}

test.describe('the page on a static host, at an issuer of somebody else', () => {
  test('asks for the issuer, runs a flow, and tells what it verified itself and no more', async ({ page }) => {
    const faults = faultsOf(page)
    await page.goto(`${pages.origin}/explorer/`)
    await expect(page.locator('.register')).toContainText(`${pages.origin}/explorer/callback.html`)
    await page.fill('#issuer', program.issuer)
    await page.fill('#client-id', 'page-elsewhere')
    await page.click('#issuer-go')
    await expect(page.locator('#issuer-name')).toHaveText(program.issuer)
    await expect(page).toHaveURL(/\?issuer=http.*client_id=page-elsewhere#\/$/)
    await expect(page.locator('.lede')).toContainText('does not tell what it checks')
    await expect(page.locator('.card.missing').first()).toContainText('It cannot run here.')

    await page.click('a[href="#/code-dpop"]')
    await goOn(page, person(), 5)
    await expect(page.locator('#failed')).toHaveCount(0)
    await expect(page.locator('#diagram')).not.toContainText(/\d checks? passed/)
    const called = page.locator('#diagram a').last()
    await expect(called).toContainText('200')
    for (const link of await page.locator('#diagram a').all()) {
      await link.click()
      await page.click('#tab-checked')
      await expect(page.locator('#tab-panel')).toContainText('This receiver does not tell what it checked.')
      await expect(page.locator('#tab-checked svg')).toHaveCount(0)
      await expect(page.locator('#tab-panel section').first().locator('.findings')).toHaveCount(0)
    }
    const callback = page.locator('#diagram a').filter({ hasText: 'brings the answer back' })
    await callback.click()
    await page.click('#tab-checked')
    await expect(page.locator('#tab-panel')).toContainText('What this page verified')
    await expect(page.locator('#tab-panel')).toContainText('state')
    await page.locator('#diagram a').filter({ hasText: 'asks for authorization' }).click()
    await page.click('#tab-sent')
    await expect(page.locator('#tab-panel')).toContainText('The server does not tell what it saw')

    await tryAttack(page, person(), 'bound-as-bearer')
    await expect(page.locator('.result.refused')).toContainText('The receiver does not tell which check it was.')
    await expect(page.locator('.result')).not.toContainText('Caught by')
    expect(faults).toEqual([])
  })

  test('an issuer that is wrong or lets nobody read is told in words, and a token can be read without any', async ({ page }) => {
    const problem = page.locator('#issuer-problem')
    const at = (issuer: string): string => `${pages.origin}/explorer/?issuer=${encodeURIComponent(issuer)}&client_id=c`
    await page.goto(at(program.issuer.replace('localhost', '127.0.0.1')))
    await expect(problem).toContainText(`calls itself ${program.issuer}, not`)
    await page.goto(at(`${program.issuer}/tenant`))
    await expect(problem).toContainText('Either the issuer is called otherwise')
    await page.goto(at(shut.origin))
    await expect(problem).toContainText(`There is a server at ${shut.origin}, but this page cannot read the metadata`)
    await expect(problem).toContainText('CORS')
    await page.goto(at('http://localhost:1'))
    await expect(problem).toContainText('Either it is not reachable from here')
    await page.goto(at('login.example.com'))
    await expect(page.locator('.field-fault')).toContainText('This is no full address.')
    await page.click('text=paste a token or proof')
    await expect(page.locator('#paste-text')).toBeVisible()
  })
})

test.describe('in production', () => {
  for (const explorer of [undefined, true])
    test(
      explorer === true ? 'explorer: true serves the pages, and nobody tells what was checked' : 'there are no pages, and no trace',
      async ({ page, request }) => {
        const folder = mkdtempSync(join(tmpdir(), 'holdfast-explorer-'))
        const port = await freePort()
        const issuer = `http://localhost:${port}`
        const stop = await serveProgram(folder, port, {
          issuer,
          profile: 'oauth21',
          store: { engine: 'sqlite', path: join(folder, 'store.db') },
          accounts: { seed: [{ username: 'demo', password: PASSWORD, claims: {} }] },
          ...(explorer === true && { explorer }),
        })
        try {
          const served = explorer === true ? 200 : 404
          const status = async (path: string): Promise<number> => (await request.get(issuer + path)).status()
          expect([await status('/explorer/'), await status('/explorer/callback.html'), await status('/explorer/explorer.json')]).toEqual([
            served,
            served,
            served,
          ])
          expect([await status('/explorer/trace?after=0'), await status('/explorer/trace/x')]).toEqual([404, 404])
          expect((await request.get(`${issuer}/jwks`)).headers()).not.toHaveProperty('holdfast-trace')
          if (explorer !== true) return
          expect(await (await request.get(`${issuer}/explorer/explorer.json`)).json()).not.toHaveProperty('trace')
          const faults = faultsOf(page)
          await page.goto(`${issuer}/explorer/#/code-par`)
          await goOn(page, { ...person(), issuer }, 5)
          await expect(page.locator('#diagram')).not.toContainText(/\d checks? passed/)
          expect(faults).toEqual([])
        } finally {
          await stop()
          rmSync(folder, { recursive: true, force: true })
        }
      },
    )
})
