/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Layout } from './layout.tsx'
import { WayOn } from './link.tsx'
import type { ErrorModel } from './models.ts'

/** Tells a person what went wrong, in words they can use, and what to quote to whoever can help. */
export function ErrorPage(m: ErrorModel): VNode {
  return (
    <Layout title={m.title} stylesheetHref={m.stylesheetHref}>
      <div id="oauth-error">
        <h1>{m.title}</h1>
        <p class="lede">{m.explanation}</p>
        <p class="reference">
          Reference <code>{m.reference}</code>
        </p>
        {m.developer !== undefined && <Developer {...m.developer} />}
      </div>
      {m.link !== undefined && <WayOn href={m.link.href}>{m.link.label}</WayOn>}
    </Layout>
  )
}

function Developer({ code, description, rule }: NonNullable<ErrorModel['developer']>): VNode {
  return (
    <section class="developer" aria-labelledby="developer">
      <h2 id="developer">For developers</h2>
      <dl class="facts">
        <div>
          <dt>Error</dt>
          <dd>
            <code>{code}</code>
          </dd>
        </div>
        <div>
          <dt>What to change</dt>
          <dd>{description}</dd>
        </div>
        {rule !== undefined && (
          <div>
            <dt>Rule</dt>
            <dd>{rule}</dd>
          </div>
        )}
      </dl>
      <p class="detail">This part is shown in development only.</p>
    </section>
  )
}
