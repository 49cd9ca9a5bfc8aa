/** Where the reader is, as the part of the address behind `#`: the browser's back button works, and no server hears of it. */
export type Route =
  | { readonly page: 'start' }
  | { readonly page: 'paste' }
  | { readonly page: 'issuer' }
  /** `exchange` undefined: the newest. */
  | { readonly page: 'flow'; readonly flow: string; readonly exchange: string | undefined }

export function parseRoute(hash: string): Route {
  const [first, second] = hash.replace(/^#\/?/, '').split('/').map(decoded)
  if (first === undefined || first === '') return { page: 'start' }
  if (first === 'paste' || first === 'issuer') return { page: first }
  return { page: 'flow', flow: first, exchange: second === '' ? undefined : second }
}

/** @param exchange undefined: the newest */
export function linkTo(flow: string, exchange?: string): string {
  return exchange === undefined ? `#/${encodeURIComponent(flow)}` : `#/${encodeURIComponent(flow)}/${encodeURIComponent(exchange)}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
