import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { parseRoute, type Route } from './route.ts'

/** What the browser tells, as state. */

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(globalThis.location?.hash ?? ''))
  useEffect(() => {
    const changed = (): void => setRoute(parseRoute(location.hash))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}

export function goTo(hash: string): void {
  location.hash = hash
}

/** The width that there is for an element, in CSS pixels. */
export function useWidth(first: number): readonly [RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(first)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return undefined
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [place, width]
}

export function isNarrow(): boolean {
  return globalThis.matchMedia?.('(max-width: 40rem)').matches ?? false
}

export function scrollTo(id: string): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  document.getElementById(id)?.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' })
}

/**
 * A window for the person, opened by their own press of a button. It is cut off from this page before it goes anywhere: the server's
 * pages, or whatever they link to, must not lead this one away.
 *
 * @returns false when the browser blocked it
 */
export function openForPerson(url: string): boolean {
  const opened = window.open('', '_blank', 'popup,width=520,height=760')
  if (opened === null) return false
  opened.opener = null
  opened.location.href = url
  return true
}
