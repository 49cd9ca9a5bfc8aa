import { expect, test } from '@playwright/test'
test('x', async ({ page }) => { await page.setContent('<h1>hi</h1>'); await expect(page.locator('h1')).toHaveText('hi') })
test.skip('y', async () => {})
