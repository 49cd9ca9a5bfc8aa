import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'

/** Presses a button that hands over a file. */
export async function readDownload(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)])
  return readFile(await download.path())
}
