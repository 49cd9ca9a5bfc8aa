import type { Page } from '@playwright/test'
import type { BffWorld } from './world.ts'

/** What a script of the page, or whoever reads logs, could find. */
export interface Places {
  [place: string]: string
}

/** Every answer of the application to a browser. */
export function answersOf(world: BffWorld): string {
  return world.front.answers.map((answer) => withoutHint(answer, world)).join('\n\n')
}

/**
 * RP-Initiated Logout §2 sends the browser to the authorization server with the ID token, in a redirect that no script can read.
 * That one place is left out of the search, and nothing else in the header.
 */
function withoutHint(answer: string, { issuer }: BffWorld): string {
  const endSession = `${issuer}/end-session?`
  return answer
    .split('\n')
    .map((line) => (line.startsWith(endSession) ? line.replace(/([?&]id_token_hint=)[^&]+/, '$1') : line))
    .join('\n')
}

/** All that scripts of this page can reach, as text. */
export function reachable(page: Page): Promise<Places> {
  return page.evaluate(async () => {
    const databases = await Promise.all(
      (await indexedDB.databases()).map(
        ({ name = '' }) =>
          new Promise<string>((resolve, reject) => {
            const opening = indexedDB.open(name)
            opening.addEventListener('error', () => reject(opening.error))
            opening.addEventListener('success', () => {
              const stores = [...opening.result.objectStoreNames]
              const reading = stores.map(
                (store) =>
                  new Promise<string>((got) => {
                    const all = opening.result.transaction(store).objectStore(store).getAll()
                    all.addEventListener('success', () => got(JSON.stringify(all.result)))
                  }),
              )
              void Promise.all(reading).then((values) => resolve(`${name} ${values.join(' ')}`))
            })
          }),
      ),
    )
    const cached: string[] = []
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) cached.push(request.url, (await (await cache.match(request))?.text()) ?? '')
    }
    const workers = await navigator.serviceWorker.getRegistrations()
    return {
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      indexedDB: databases.join('\n'),
      caches: cached.join('\n'),
      'history state': JSON.stringify(history.state),
      'service workers': workers.map(({ scope }) => scope).join('\n'),
      'cookies that scripts read': document.cookie,
      page: document.documentElement.outerHTML,
      address: location.href,
    }
  })
}

/** Each token that the authorization server gave out, and the part of each that alone would be worth something. */
export function tokensOf(world: BffWorld): readonly string[] {
  const given = world.front.tokens.flatMap(({ answer }) => ['access_token', 'refresh_token', 'id_token'].map((name) => answer[name]))
  const whole = given.filter((token) => typeof token === 'string')
  return whole.flatMap((token) => [token, ...token.split('.').slice(-1)])
}

/** Where any of them stands. */
export function leaks(tokens: readonly string[], places: Places): readonly string[] {
  return Object.entries(places)
    .filter(([, text]) => tokens.some((token) => text.includes(token) || text.includes(encodeURIComponent(token))))
    .map(([place]) => place)
}
