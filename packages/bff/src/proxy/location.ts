import type { RouteTable } from './routes.ts'

/**
 * Where an API sends people, as they can get there: below an upstream it is the path here, elsewhere it stays. The proxy itself
 * follows nothing, so no token goes anywhere by it (BFF-44).
 *
 * @param url what was asked for: a relative reference begins there
 * @returns undefined for a place behind the proxy that nobody outside may see or reach, and for what is no place of the web
 */
export function locationHere(location: string, url: URL, table: RouteTable): string | undefined {
  const to = URL.parse(location, url)
  if (to === null || !/^https?:$/.test(to.protocol) || to.username !== '' || to.password !== '') return undefined
  const behind = table.filter(({ origin }) => origin === to.origin)
  if (behind.length === 0) return to.href
  const [route] = behind
    .filter(({ base }) => to.pathname === base || to.pathname.startsWith(`${base}/`))
    .sort((a, b) => b.base.length - a.base.length)
  return route === undefined ? undefined : `${route.path}${to.pathname.slice(route.base.length)}${to.search}${to.hash}`
}
