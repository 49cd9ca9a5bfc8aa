/** A path on our own origin that a browser may be led to. Only `returnPath` makes one, so that an open redirect is a type error. */
export type ReturnPath = string & { readonly returnPath: unique symbol }

const LONGEST = 2048

/**
 * Where people go after sign-in or sign-out (OAuth 2.1 §7.12.1). What browsers would read as another host is refused: `//host`,
 * a backslash, control characters that the URL parser drops, and dots that fold into `//`. So are our own endpoints, which would
 * lead in circles or do something.
 *
 * @param basePath where the endpoints are
 * @returns undefined when the text is no such path
 */
export function returnPath(text: string, publicUrl: string, basePath: string): ReturnPath | undefined {
  if (text.length > LONGEST || !/^\/(?!\/)[^\\\p{Cc}\p{Zl}\p{Zp}]*$/u.test(text) || !text.isWellFormed()) return undefined
  const url = new URL(text, publicUrl)
  const { pathname } = url
  if (url.origin !== publicUrl || pathname.startsWith('//')) return undefined
  if (pathname === basePath || pathname.startsWith(`${basePath}/`)) return undefined
  const path = `${pathname}${url.search}${url.hash}`
  // Percent-encoded it may be nine times as long.
  return path.length > LONGEST ? undefined : (path as ReturnPath)
}

/** The same path with one parameter more: a code from a closed list, never what a server said. */
export function withParameter(path: ReturnPath, name: string, value: string): ReturnPath {
  const url = new URL(path, 'https://path.invalid')
  url.searchParams.set(name, value)
  return `${url.pathname}${url.search}${url.hash}` as ReturnPath
}
