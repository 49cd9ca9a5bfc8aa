import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-site-'))
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
beforeAll(async () => {
  const configFile = fileURLToPath(new URL('../../vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'silent', build: { outDir: folder } })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the built site', () => {
  test.each(['index.html', 'callback.html'])('%s has nothing inline and leads nowhere but to files beside it', (name) => {
    const html = read(name)
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses.length).toBeGreaterThan(2)
    for (const address of addresses) expect(address).toMatch(/^\.\/(assets\/[\w-]+-[\w-]{8}\.(js|css|svg)|index\.html)$/)
  })

  test('keeps nothing: no script of it knows a place to keep things', () => {
    const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(1)
    for (const name of scripts)
      expect(read(`assets/${name}`)).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open/)
  })

  test('what only tests and development need is not in it', () => {
    const all = readdirSync(join(folder, 'assets')).map((name) => read(`assets/${name}`))
    for (const text of all) expect(text).not.toContain('ScriptedRunner')
    for (const text of all) expect(text).not.toContain('login.example.com/par')
  })

  test('styles fetch nothing', () => {
    for (const name of readdirSync(join(folder, 'assets')).filter((one) => one.endsWith('.css')))
      expect(read(`assets/${name}`)).not.toMatch(/@import|url\(|https?:/)
  })
})
