import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { readDownload } from './explorer/files.ts'
import { goOn } from './explorer/person.ts'

test.use({ actionTimeout: 10_000 })

let demo: RunningDemo
test.beforeAll(async () => {
  demo = await startDemo()
})
test.afterAll(() => demo.stop())

interface Har {
  readonly log: {
    readonly version: string
    readonly entries: readonly {
      readonly request: { readonly method: string; readonly url: string }
      readonly response: { readonly status: number }
    }[]
  }
}

test('a run is handed over as HTTP archive, as commands and as a picture, and each is what it says', async ({ page }) => {
  await page.goto(`${demo.issuer}/explorer/#/code-dpop`)
  await goOn(page, demo, 5)
  const messages = await page.locator('#diagram a').count()
  await page.click('#export summary')

  const { log } = JSON.parse((await readDownload(page, '#export-har')).toString()) as Har
  expect(log.version).toBe('1.2')
  expect(log.entries).toHaveLength(messages)
  const sent = log.entries.map(({ request, response }) => `${request.method} ${new URL(request.url).pathname} ${response.status}`)
  expect(sent).toEqual(expect.arrayContaining(['POST /par 201', 'GET /authorize 303', 'POST /token 200', 'GET /api/accounts 200']))

  const commands = (await readDownload(page, '#export-curl')).toString()
  expect(commands.match(/^curl /gm)).toHaveLength(
    log.entries.filter(({ request }) => /\/(par|token|jwks|api|\.well-known)/.test(request.url)).length,
  )
  expect(commands).not.toContain('/authorize?')

  const svg = (await readDownload(page, '#export-svg')).toString()
  const png = await readDownload(page, '#export-png')
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
  expect(svg).toContain('The client redeems the code')
  expect(svg).not.toMatch(/class=|style=|href=|<script/)
  const drawn = await page.evaluate(
    async ([vector, raster]) => {
      const size = async (type: string, bytes: BlobPart): Promise<readonly number[]> => {
        const image = new Image()
        image.src = URL.createObjectURL(new Blob([bytes], { type }))
        await image.decode()
        return [image.naturalWidth, image.naturalHeight]
      }
      return [await size('image/svg+xml', vector), await size('image/png', Uint8Array.from(raster))] as const
    },
    [svg, [...png]] as const,
  )
  expect(drawn[0][0]).toBeGreaterThanOrEqual(960)
  expect(drawn[0][1]).toBeGreaterThan(messages * 90)
  expect(drawn[1]).toEqual(drawn[0].map((length) => length * 2))
  await page.locator('#export').evaluate((one) => one.removeAttribute('open'))

  // What the page says of its first request, said again by a shell.
  await page.click('#arrow-e1')
  const curl = await page.locator('#detail .raw pre').evaluate((one) => one.textContent ?? '')
  expect(curl).toMatch(/^curl /)
  const answer = JSON.parse(execFileSync('sh', ['-c', `${curl} --silent --show-error --fail`]).toString()) as object
  await page.click('#tab-came')
  const shown = await page.locator('#detail .raw pre').evaluate((one) => one.textContent ?? '')
  expect(answer).toEqual(JSON.parse(shown))
  expect(answer).toMatchObject({ issuer: demo.issuer })
})

test('the first load is what the size limit counts, and nothing else comes later', async ({ page, request }) => {
  const loaded = new Set<string>()
  page.on('request', (one) => loaded.add(new URL(one.url()).pathname))
  await page.goto(`${demo.issuer}/explorer/`)
  await expect(page.locator('.cards')).toBeVisible()
  const first = [...loaded]
  await page.click('a[href="#/code-pkce"]')
  await goOn(page, demo, 1)
  await page.goto(`${demo.issuer}/explorer/#/paste`)
  await expect(page.locator('#paste-text')).toBeVisible()
  expect([...loaded].filter((path) => path.startsWith('/explorer/') && !path.startsWith('/explorer/trace'))).toEqual(first)
  let bytes = 0
  for (const path of first) bytes += gzipSync(await (await request.get(demo.issuer + path)).body()).length
  expect(bytes).toBeLessThan(150_000)
  const limits = JSON.parse(readFileSync(new URL('../../.size-limit.json', import.meta.url), 'utf8')) as { path: string[] }[]
  const counted = limits.find(({ path }) => path.includes('packages/explorer/site/index.html'))?.path ?? []
  for (const path of first.filter((one) => one !== '/explorer/' && !one.endsWith('explorer.json')))
    expect(
      counted.some(
        (one) =>
          one === `packages${path.replace('/explorer/', '/explorer/site/')}` ||
          (path.startsWith('/explorer/assets/') && one.endsWith('site/assets/*')),
      ),
    ).toBe(true)
})
