/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { ApplicationModel } from './account-models.ts'
import { Stranger } from './consent.tsx'
import { AuthorizationDetails } from './details.tsx'
import { ClientLink } from './link.tsx'
import { Moment } from './moment.tsx'

/** One application, what it was given, and the button that takes it back. */
export function ApplicationLine(m: ApplicationModel & { readonly number: number; readonly csrf: string; readonly action: string }): VNode {
  const heading = `application-${m.number}`
  return (
    <li class="row">
      <div>
        <h3 class="row-title" id={heading}>
          {m.name === undefined ? 'An application that was removed here' : <bdi>{m.name}</bdi>}
        </h3>
        <span class="detail">
          Allowed <Moment at={m.givenAt} />
        </span>
        {m.stranger !== undefined && <Stranger {...m.stranger} id={`stranger-${m.number}`} />}
        {m.permissions.length > 0 && (
          <ul class="permissions" aria-labelledby={heading}>
            {m.permissions.map(({ title }) => (
              <li key={title}>{title}</li>
            ))}
          </ul>
        )}
        <AuthorizationDetails
          clientName={m.name ?? m.clientId}
          details={m.details}
          more={m.permissions.length > 0}
          id={`authorization-details-${m.number}`}
        />
        {m.openHref !== undefined && (
          <ul class="about">
            <ClientLink href={m.openHref}>Open</ClientLink>
          </ul>
        )}
      </div>
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <input type="hidden" name="client" value={m.clientId} />
        <button class="button" name="answer" value="revoke" type="submit" aria-describedby={heading}>
          Take back
        </button>
      </form>
    </li>
  )
}
