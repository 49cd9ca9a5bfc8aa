import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { ResponseMode } from '@holdfast/protocol/response-mode'
import type { Seen } from './person.ts'
import { ISSUER, type TestServer } from './server.ts'

/** An answer as the client reads it. */
export interface ReceivedAnswer {
  /** The redirect URI it came to. */
  readonly target: string
  /** The names of what was carried there. */
  readonly outside: readonly string[]
  /** After a JWT was verified, what is in it. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/** How the browser carries an answer. */
export function carriedBy({ status, location }: Seen): 'query' | 'fragment' | 'form_post' {
  if (status === 200) return 'form_post'
  return location?.hash === '' ? 'query' : 'fragment'
}

export async function answerOf(as: TestServer, seen: Seen, mode: ResponseMode): Promise<ReceivedAnswer> {
  const { target, carried } = taken(seen)
  const outside = [...carried.keys()]
  if (!mode.endsWith('jwt')) return { target, outside, parameters: Object.fromEntries(carried) }
  const keys = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet
  const { payload } = await jwtVerify(carried.get('response') ?? '', createLocalJWKSet(keys), {
    issuer: ISSUER,
    currentDate: new Date(as.clock.now() * 1000),
  })
  return { target, outside, parameters: payload }
}

function taken(seen: Seen): { readonly target: string; readonly carried: URLSearchParams } {
  if (seen.location !== undefined) {
    const { origin, pathname, search, hash } = seen.location
    return { target: origin + pathname, carried: new URLSearchParams(hash === '' ? search : hash.slice(1)) }
  }
  const fields = [...seen.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/?>/g)]
  const carried = new URLSearchParams(fields.map(([, name = '', value = '']): [string, string] => [name, unescaped(value)]))
  return { target: unescaped(/<form[^>]* action="([^"]*)"/.exec(seen.text)?.[1] ?? ''), carried }
}

function unescaped(html: string): string {
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}
