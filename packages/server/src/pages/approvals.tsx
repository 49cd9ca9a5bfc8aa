/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Choice } from './choice.tsx'
import { Stranger, Wishes } from './consent.tsx'
import { timeOf } from './device.tsx'
import { Layout } from './layout.tsx'
import type { ApprovalModel, ApprovalsModel } from './models.ts'

/** Lists what clients ask of the person. Each has a form of its own, so that no answer is taken for another's. */
export function Approvals(m: ApprovalsModel): VNode {
  return (
    <Layout title="Requests" stylesheetHref={m.stylesheetHref}>
      <h1>{m.requests.length === 0 ? 'No requests' : 'Requests'}</h1>
      <p class="lede">
        {m.requests.length === 0
          ? 'Nothing waits for your answer. If you expect a request, load this page again in a moment.'
          : 'Allow only what you began yourself, a moment ago, and where the message is the one you see there.'}{' '}
        You are signed in as <bdi>{m.subjectName}</bdi>.
      </p>
      {m.requests.map((request, index) => (
        <Approval {...request} action={m.action} number={index + 1} />
      ))}
    </Layout>
  )
}

function Approval(m: ApprovalModel & { readonly action: string; readonly number: number }): VNode {
  const heading = `request-${m.number}`
  return (
    <section class="request" aria-labelledby={heading}>
      <h2 id={heading}>
        Allow <bdi>{m.clientName}</bdi>?
      </h2>
      <dl class="facts">
        <div>
          <dt>Message</dt>
          <dd>{m.bindingMessage === undefined ? 'none' : <bdi class="binding-message">{m.bindingMessage}</bdi>}</dd>
        </div>
        <div>
          <dt>Asked at</dt>
          <dd>
            <time datetime={m.requestedAt.toISOString()}>{timeOf(m.requestedAt)}</time>
          </dd>
        </div>
      </dl>
      {m.stranger !== undefined && <Stranger {...m.stranger} id={`stranger-${m.number}`} />}
      <Wishes clientName={m.clientName} permissions={m.permissions} details={m.details} number={m.number} />
      <form method="post" action={m.action} aria-labelledby={heading}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <input type="hidden" name="request" value={m.request} />
        <Choice denyId={`deny-${m.number}`} allowId={`allow-${m.number}`} />
      </form>
    </section>
  )
}
