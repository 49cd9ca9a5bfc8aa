import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Browser } from './browser.ts'
import { Internet } from './internet.ts'
import { remote } from './remote.ts'

async function listening(answer: (headers: NodeJS.Dict<string | string[]>, body: string) => string): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      response.setHeader('set-cookie', ['a=1', 'b=2'])
      response.setHeader('content-type', 'text/html')
      response.end(answer(request.headers, body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => void server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

test('a server that really runs sees a navigation as a browser makes it, and its cookies come back', async () => {
  const origin = await listening(
    (headers) => `<p id="mode">${String(headers['sec-fetch-mode'])} ${String(headers['sec-fetch-dest'])} ${String(headers['cookie'])}</p>`,
  )
  const browser = new Browser(new Internet().host(origin, remote(origin)))
  await browser.goto(`${origin}/`)
  expect(browser.text('#mode')).toBe('navigate document undefined')
  await browser.goto(`${origin}/`)
  expect(browser.text('#mode')).toBe('navigate document a=1; b=2')
})

test('what a form and a script send arrives', async () => {
  const origin = await listening(
    (headers, body) =>
      `<form method="post"><input id="x" name="x"><button id="go"></button></form><p>${String(headers['x-holdfast-csrf'])} ${body}</p>`,
  )
  const browser = new Browser(new Internet().host(origin, remote(origin)))
  await browser.goto(`${origin}/`)
  await browser.fill('#x', 'a b').click('#go')
  expect(browser.text('p')).toBe('undefined x=a+b')
  const response = await browser.fetch('/', { method: 'POST', body: 'hello', headers: { 'x-holdfast-csrf': '1' } })
  expect(await response.text()).toContain('<p>1 hello</p>')
})

test('nobody there is what fetch says', async () => {
  const origin = 'http://localhost:1'
  const internet = new Internet().host(origin, remote(origin))
  await expect(new Browser(internet).goto(origin)).resolves.toMatchObject({ status: 500 })
  expect(internet.faults).toEqual([expect.objectContaining({ message: 'fetch failed' })])
})
