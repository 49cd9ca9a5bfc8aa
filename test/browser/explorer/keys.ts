import { expect, type Page } from '@playwright/test'

/** Presses Tab until that has the focus. Each stop on the way must show that it has it. */
export async function tabTo(page: Page, selector: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stops = 0; stops < 80; stops++) {
    await page.keyboard.press(key)
    expect(await unseenFocus(page)).toBe('')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return
  }
  throw new Error(`80 stops and none of them is ${selector}`)
}

/** What has the focus without showing it; empty: it shows. */
export function unseenFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement
    if (focused === null || focused === document.body) return ''
    const rectangle = focused.getBoundingClientRect()
    const isIn = rectangle.bottom > 0 && rectangle.top < innerHeight && rectangle.right > 0 && rectangle.left < innerWidth
    const drawn = [focused, focused.querySelector('.row-ground')].flatMap((one) => (one === null ? [] : [getComputedStyle(one)]))
    const after = getComputedStyle(focused, '::after')
    const isMarked =
      [...drawn, after].some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) ||
      drawn.some(({ stroke, strokeWidth }) => stroke !== 'none' && Number.parseFloat(strokeWidth) >= 2)
    return isIn && isMarked ? '' : `${isIn ? 'unmarked' : 'out of sight'}: ${focused.outerHTML.slice(0, 120)}`
  })
}
