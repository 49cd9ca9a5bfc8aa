import { defineConfig } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { findChromium } from '../../scripts/chromium.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

// Files side by side, since each starts a world of its own; no second try: a test that passes now and then has found something.
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: `${root}test-results`,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: 'list',
  use: {
    // A trace of every test costs a third of its time: asked for where a failure has to be understood.
    trace: process.env['HOLDFAST_TRACE'] === undefined ? 'off' : 'retain-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      // Chromium refuses its own sandbox when root starts it, as containers do.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
