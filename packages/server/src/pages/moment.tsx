/** @jsxImportSource preact */
import type { VNode } from 'preact'

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** In UTC, said so: the server does not know the person's clock. */
export function momentOf(time: Date): string {
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}, ${time.toISOString().slice(11, 16)} UTC`
}

/** A day and a time of it. */
export function Moment({ at }: { readonly at: Date }): VNode {
  return <time datetime={at.toISOString()}>{momentOf(at)}</time>
}
