import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'
import { findChromium } from '../../scripts/chromium.mjs'

export type ThirdPartyCookies = 'allowed' | 'blocked'

/** Values of Chromium's preference `profile.cookie_controls_mode`. */
const MODES: Readonly<Record<ThirdPartyCookies, number>> = { allowed: 0, blocked: 1 }

/**
 * Chromium with a profile of its own, since only a profile says what becomes of third-party cookies, in which every name
 * under .test is on this machine.
 *
 * @param spki of the certificate that counts as good: passkeys are for pages without a certificate error, overlooked or not
 */
export async function openBrowser(cookies: ThirdPartyCookies, spki: string): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'))
  mkdirSync(join(folder, 'Default'))
  const profile = { cookie_controls_mode: MODES[cookies], block_third_party_cookies: cookies === 'blocked' }
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify({ profile }))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: findChromium(),
    args: [
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--ignore-certificate-errors-spki-list=${spki}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  return {
    context,
    async close() {
      await context.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
