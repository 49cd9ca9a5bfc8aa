/** @jsxImportSource preact */
import type { ComponentChildren, VNode } from 'preact'
import { iconHref, Mark } from './mark.tsx'
import type { Frame } from './models.ts'

export interface LayoutProps extends Frame {
  /** Names the page in the tab and to a screen reader before anything else; never a stranger’s words. */
  readonly title: string
  /** For pages that list things. */
  readonly wide?: boolean
  readonly children: ComponentChildren
}

/**
 * The one frame of all pages: a header that says whose page this is and one main part, so that there is
 * nothing to skip. The words of the pages are English: `lang` says so.
 */
export function Layout({ title, stylesheetHref, wide = false, children }: LayoutProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Holdfast`}</title>
        <link rel="icon" href={iconHref} />
        <link rel="stylesheet" href={stylesheetHref} />
      </head>
      <body class={wide ? 'wide' : undefined}>
        <header class="brand">
          <Mark />
          <span>Holdfast</span>
        </header>
        <main class="card">{children}</main>
      </body>
    </html>
  )
}
