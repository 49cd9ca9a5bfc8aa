import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, type TestInfo } from '@playwright/test'

/** What every page that people see is held to, as the title of the test says it after the name of the page. */
export const LOOKS = 'axe-core finds nothing, and nothing runs out of the page, in light and dark, 360 and 1280 px'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/**
 * Looks at a page in light and dark, narrow and wide, and leaves a screenshot of each.
 *
 * @param shows a selector of what this page alone shows: without it the page before the last click may be what is looked at
 */
export async function expectGoodLooks(page: Page, info: TestInfo, seen: { readonly name: string; readonly shows: string }): Promise<void> {
  await expect(page.locator(seen.shows)).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      // Colours that are on their way from one scheme to the other have no contrast to measure.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      const { violations } = await new AxeBuilder({ page })
        .options({ runOnly: { type: 'tag', values: RULES }, resultTypes: ['violations'] })
        .analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await page.screenshot({ path: info.outputPath(`${seen.name}-${colorScheme}-${width}.png`), fullPage: true })
    }
  }
}
