import type { HttpRequest } from '@holdfast/protocol/http'

/** Whether an address is this machine's: `127.0.0.0/8`, `::1`, and the former as IPv6. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address)
}

/** Whether an address of the web leads to this machine by its very name. */
export function isLoopbackUrl(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

/** What proxies write about who asked them. Who is asked by this machine itself is sent none of it. */
const OF_PROXIES = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const

/** Whether a program of this machine asks, and not a proxy on it that hands on what a stranger sent, or whose word on the client's address is a stranger's. */
export function isFromHere(request: HttpRequest): boolean {
  return isLoopbackAddress(request.clientAddress) && OF_PROXIES.every((name) => request.headers(name).length === 0)
}
