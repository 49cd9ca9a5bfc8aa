/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { CheckSessionModel } from './models.ts'

/** A frame without anything to see: a script that answers the page around it. It is the only page that others may frame. */
export function CheckSession(m: CheckSessionModel): VNode {
  return (
    <html lang="en" data-cookie={m.cookieName}>
      <head>
        <meta charset="utf-8" />
        <title>Holdfast</title>
        <script src={m.scriptHref} defer />
      </head>
      <body />
    </html>
  )
}
