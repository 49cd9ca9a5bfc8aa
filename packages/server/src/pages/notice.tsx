/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Layout } from './layout.tsx'
import { WayOn } from './link.tsx'
import type { NoticeModel } from './models.ts'

/** Tells that something is over: signed out, already answered, no longer valid. */
export function Notice(m: NoticeModel): VNode {
  return (
    <Layout title={m.title} stylesheetHref={m.stylesheetHref}>
      <div id="notice">
        <h1>{m.title}</h1>
        <p class="lede">{m.explanation}</p>
      </div>
      {m.link !== undefined && <WayOn href={m.link.href}>{m.link.label}</WayOn>}
    </Layout>
  )
}
