/** @jsxImportSource preact */
import type { ComponentChildren, VNode } from 'preact'

/** Browsers drop tabs and line ends and read `\\` as `/`: a second slash in any disguise would be another host. */
const PATH = /^\/(?![/\\])[^\t\r\n]*$/

/**
 * The address when a page may link to it. A client's metadata comes from strangers (RFC 7591) and the
 * renderer escapes text but not the scheme: `javascript:` in an `href` would be ours to run.
 */
export function linkable(href: string): boolean {
  if (PATH.test(href)) return true
  const url = URL.parse(href)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
}

/** A link that leaves the page. */
export function WayOn({ href, children }: { readonly href: string; readonly children: ComponentChildren }): VNode | null {
  if (!linkable(href)) return null
  return (
    <p class="way-on">
      <a class="button" href={href} rel="noreferrer">
        {children}
      </a>
    </p>
  )
}

/**
 * A link to a client's own pages. A new tab, so that what was half done here is still here; the words say so.
 * `noreferrer` besides the header: the address of an authorization page must not travel (RFC 9700 §4.2.4).
 */
export function ClientLink({ href, children }: { readonly href: string | undefined; readonly children: ComponentChildren }): VNode | null {
  if (href === undefined || !linkable(href) || PATH.test(href)) return null
  return (
    <li>
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
        <span class="unseen"> (opens in a new tab)</span>
      </a>
    </li>
  )
}
