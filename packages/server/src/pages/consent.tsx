/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Choice } from './choice.tsx'
import { AuthorizationDetails } from './details.tsx'
import { Layout } from './layout.tsx'
import { ClientLink } from './link.tsx'
import type { ConsentModel, Permission, StrangerModel } from './models.ts'

/**
 * Asks the person to allow a client. Both buttons are equal in weight, and neither has the focus: the answer
 * is a choice, not the way on. Names stand in `<bdi>`: a stranger's name must not reorder the words around it.
 */
export function Consent(m: ConsentModel): VNode {
  return (
    <Layout title="Allow access?" stylesheetHref={m.stylesheetHref}>
      <h1>
        Allow <bdi>{m.clientName}</bdi>?
      </h1>
      <dl class="facts">
        <div>
          <dt>Signed in as</dt>
          <dd>
            <bdi>{m.subjectName}</bdi>
          </dd>
        </div>
        <div>
          <dt>Afterwards you go to</dt>
          <dd>
            <bdi>{m.clientPlace}</bdi>
          </dd>
        </div>
      </dl>
      {m.stranger !== undefined && <Stranger {...m.stranger} id="stranger" />}
      <Wishes clientName={m.clientName} permissions={m.permissions} details={m.details} />
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <Choice denyId="consent-deny" allowId="consent-allow" />
      </form>
      <form method="post" action={m.action}>
        <input type="hidden" name="csrf" value={m.csrf} />
        <button class="button" id="consent-switch" name="answer" value="switch" type="submit">
          Use another account
        </button>
      </form>
      <ul class="about">
        <ClientLink href={m.clientUri}>Website</ClientLink>
        <ClientLink href={m.policyUri}>Privacy policy</ClientLink>
        <ClientLink href={m.tosUri}>Terms of service</ClientLink>
      </ul>
    </Layout>
  )
}

/** Said before what it asks for, on every page that asks for a yes: its name is its own word alone (REG-10, CIMD-11, MCP-08). */
export function Stranger({ publishedBy, onlyOnDevice, id }: StrangerModel & { readonly id: string }): VNode {
  return (
    <p id={id}>
      {publishedBy === undefined ? (
        'This app registered itself here. Nobody has checked its name.'
      ) : (
        <>
          This app is published by <bdi>{publishedBy}</bdi>. Nobody here has checked it.
        </>
      )}
      {onlyOnDevice &&
        ' It runs on this device, and another program here could pose as it. Go on only if you have just started it yourself.'}
    </p>
  )
}

/** What a client asks for: of every page that asks for a yes. */
export function Wishes({
  clientName,
  permissions,
  details,
  number,
}: Pick<ConsentModel, 'clientName' | 'permissions' | 'details'> & {
  /** Where several stand on one page: ids are unique. */
  readonly number?: number
}): VNode {
  return (
    <>
      {(permissions.length > 0 || details.length === 0) && (
        <Permissions
          clientName={clientName}
          permissions={permissions}
          id={number === undefined ? 'permissions' : `permissions-${number}`}
        />
      )}
      <AuthorizationDetails
        clientName={clientName}
        details={details}
        more={permissions.length > 0}
        id={number === undefined ? 'authorization-details' : `authorization-details-${number}`}
      />
    </>
  )
}

function Permissions({ clientName, permissions, id }: Pick<ConsentModel, 'clientName' | 'permissions'> & { readonly id: string }): VNode {
  if (permissions.length === 0) {
    return (
      <p>
        <bdi>{clientName}</bdi> will know that you signed in, and nothing else.
      </p>
    )
  }
  return (
    <>
      <p id={id}>
        <bdi>{clientName}</bdi> will be able to:
      </p>
      <ul class="permissions" aria-labelledby={id}>
        {permissions.map(PermissionItem)}
      </ul>
    </>
  )
}

function PermissionItem({ title, detail }: Permission): VNode {
  return (
    <li>
      {title}
      {detail !== undefined && <span class="detail">{detail}</span>}
    </li>
  )
}
