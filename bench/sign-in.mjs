/** Signs a person in and consents, by the pages, as a browser would: before any timed window. */
import { PASSWORD, REDIRECT_URI } from './world.mjs'

/** Cookies by name; paths do not matter to one person at one server. */
export class Browser {
  #cookies = new Map()

  /** Follows redirects and fills in forms until the answer to the client comes. @returns its code */
  async authorize(start) {
    let at = new URL(start)
    let form
    for (let step = 0; step < 20; step++) {
      const response = await fetch(at, {
        redirect: 'manual',
        headers: { cookie: this.#all() },
        ...(form === undefined ? {} : { method: 'POST', body: form }),
      })
      this.#keep(response.headers.getSetCookie())
      const location = response.headers.get('location')
      if (location !== null) {
        at = new URL(location, at)
        form = undefined
        if (!at.href.startsWith(REDIRECT_URI)) continue
        const code = at.searchParams.get('code')
        if (code === null) throw new Error(`no code: ${at.href}`)
        return code
      }
      const page = await response.text()
      if (response.status !== 200) throw new Error(`${at.href} answered ${response.status}: ${page.slice(0, 2000)}`)
      form = filledIn(page)
      at = new URL(unescaped(/<form[^>]* action="([^"]*)"/.exec(page)?.[1] ?? at.href), at)
    }
    throw new Error(`no end of pages at ${at.href}`)
  }

  /** What a signed-in browser sends with each request. */
  session() {
    return [...this.#cookies]
      .filter(([name]) => !name.startsWith('_interaction'))
      .map((pair) => pair.join('='))
      .join('; ')
  }

  #all() {
    return [...this.#cookies].map((pair) => pair.join('=')).join('; ')
  }

  #keep(lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';')
      const [name, ...value] = pair.split('=')
      if (attributes.some((one) => /expires=Thu, 01 Jan 1970|max-age=0/i.test(one))) this.#cookies.delete(name.trim())
      else this.#cookies.set(name.trim(), value.join('='))
    }
  }
}

function filledIn(page) {
  const form = new URLSearchParams()
  for (const [tag] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1]
    if (name !== undefined && tag.includes('type="hidden"')) form.set(name, unescaped(/value="([^"]*)"/.exec(tag)?.[1] ?? ''))
    if (name === 'username' || name === 'login') form.set(name, 'ada')
    if (name === 'password') form.set(name, PASSWORD)
  }
  if (page.includes('consent-allow')) form.set('answer', 'allow')
  return form
}

function unescaped(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/').replaceAll('&quot;', '"')
}
