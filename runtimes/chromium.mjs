/** The guard in a page: WebCrypto of a browser, and its own Request, Headers and Response. */
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { findChromium } from '../scripts/chromium.mjs'
import { cache } from './build.mjs'

export async function openChromium({ issuer, labels }) {
  const server = createServer((request, response) => {
    const script = request.url === '/web.js'
    response
      .setHeader('content-type', script ? 'text/javascript' : 'text/html')
      .end(script ? readFileSync(new URL('web.js', cache)) : '<!doctype html>')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.evaluate(
    async (state) => {
      const { direct, open } = await import('/web.js')
      const answer = open(state.issuer)
      globalThis.ask = (sent) => direct(answer, sent, state.labels)
    },
    { issuer, labels },
  )
  return {
    send: (sent) => page.evaluate((one) => globalThis.ask(one), sent),
    async close() {
      await browser.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
