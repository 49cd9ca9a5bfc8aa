import { createHash } from 'node:crypto'
import type { Reply } from '@holdfast/protocol/http'
import type { ReturnPath } from './return-path.ts'

const STYLE = `:root{color-scheme:light dark}
body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f6f6f4,#161719);color:light-dark(#1c1d1f,#ececea)}
main{max-width:26rem;margin:12vh auto;padding:0 1.5rem}
h1{font-size:1.4rem;line-height:1.25;overflow-wrap:anywhere}
a{display:inline-block;padding:.6rem 1.1rem;border-radius:.5rem;background:light-dark(#1f4fd8,#9db8ff);color:light-dark(#fff,#10131a);text-decoration:none}
a:focus-visible{outline:3px solid light-dark(#1c1d1f,#ececea);outline-offset:2px}`

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // The one style by its hash: nothing else that gets into a page has any effect.
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

interface Shown {
  readonly title: string
  readonly text: string
  readonly link: { readonly href: string; readonly text: string }
  /** Goes there by itself. */
  readonly refresh?: boolean
}

/** A page of a few words, without scripts: nobody stays here. */
function page(status: number, { title, text, link, refresh = false }: Shown, setCookie: readonly string[]): Reply {
  const href = escaped(link.href)
  const meta = refresh ? `<meta http-equiv="refresh" content="0; url=${href}">` : ''
  return {
    status,
    headers: { ...HEADERS, ...(setCookie.length === 0 ? {} : { 'set-cookie': setCookie }) },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${meta}<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p><p><a id="continue" href="${href}">${escaped(link.text)}</a></p></main></body></html>
`,
  }
}

/**
 * The end of the callback. The navigation from the authorization server carries no `Strict` cookie, and a redirect would go on
 * without it; a page of our own starts a navigation of our own (BFF-21). The code stays out of `Referer`.
 */
export function bouncePage(to: ReturnPath, setCookie: readonly string[]): Reply {
  return page(
    200,
    { title: 'One moment', text: 'You are being taken back.', link: { href: to, text: 'Continue' }, refresh: true },
    setCookie,
  )
}

/** BFF-35: another site led here. Nothing begins until the person says so. */
export function confirmPage(publicUrl: string, href: string): Reply {
  const { host } = new URL(publicUrl)
  return page(200, { title: `Sign in to ${host}?`, text: 'Another site asks you to sign in here.', link: { href, text: 'Sign in' } }, [])
}

/** What went wrong, in words that tell a stranger nothing. */
export function errorPage(status: number, text: string, home: ReturnPath, setCookie: readonly string[] = []): Reply {
  const shown = page(status, { title: 'Sign-in did not work', text, link: { href: home, text: 'Go to the start page' } }, setCookie)
  return status === 503 ? { ...shown, headers: { ...shown.headers, 'retry-after': '5' } } : shown
}

export function redirect(location: string, setCookie: readonly string[]): Reply {
  const cookies = setCookie.length === 0 ? {} : { 'set-cookie': setCookie }
  return { status: 303, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...cookies }, body: '' }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
