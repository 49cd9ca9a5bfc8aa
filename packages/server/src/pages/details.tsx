/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { DetailLineModel, DetailModel } from './models.ts'

/**
 * What a client asks for in its `authorization_details`, in words; for every page on which a person allows something.
 * What the client sent stands in `<bdi>` and has its own weight, so that it neither reorders our words nor passes for
 * them. Everything can be opened, without a script.
 *
 * @param more whether permissions stand before it
 */
export function AuthorizationDetails({
  clientName,
  details,
  more,
  id = 'authorization-details',
}: {
  readonly clientName: string
  readonly details: readonly DetailModel[]
  readonly more: boolean
  readonly id?: string
}): VNode | null {
  if (details.length === 0) return null
  return (
    <>
      <p id={id}>
        <bdi>{clientName}</bdi> {more ? 'also asks you to allow:' : 'asks you to allow:'}
      </p>
      <ul class="asked" aria-labelledby={id}>
        {details.map(DetailItem)}
      </ul>
    </>
  )
}

function DetailItem({ title, lines, all }: DetailModel): VNode {
  return (
    <li>
      <p class="asked-title">{title.map(({ text, sent }) => (sent ? <bdi class="sent">{text}</bdi> : text))}</p>
      {lines.length > 0 && <Lines lines={lines} />}
      <details>
        <summary>Show all details</summary>
        <Lines lines={all} />
      </details>
    </li>
  )
}

function Lines({ lines }: { readonly lines: readonly DetailLineModel[] }): VNode {
  return (
    <dl class="asked-lines">
      {lines.map(({ label, value }) => (
        <div>
          <dt>
            <bdi>{label}</bdi>
          </dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}
