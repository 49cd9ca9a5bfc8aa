import type { Reply } from '@holdfast/protocol/http'
import { Consent } from '../../pages/consent.tsx'
import type { Client } from '../../config/client.ts'
import { onlyOnDevice } from '../../config/machine-metadata.ts'
import type { FormFrame, Permission, StrangerModel } from '../../pages/models.ts'
import { formActionSource, renderPage, SELF } from '../../pages/render.ts'
import type { RequestRules } from '../../authorization/rules.ts'
import type { ResourceCatalog } from '../../tokens/resources.ts'
import type { Account } from '../accounts.ts'
import { claimPermissions } from '../claim-words.ts'
import type { Requested } from '../state.ts'

/** The scopes of OpenID Connect in words; the operator words those of resources. */
const OPENID_PERMISSIONS: Readonly<Record<string, Permission>> = {
  openid: { title: 'Know who you are', detail: 'It gets a lasting reference to your account here.' },
  profile: { title: 'See your profile', detail: 'Your name, picture and the like.' },
  email: { title: 'See your e-mail address', detail: undefined },
  address: { title: 'See your postal address', detail: undefined },
  phone: { title: 'See your phone number', detail: undefined },
  offline_access: { title: 'Keep this access when you are away', detail: 'Until you take it back, or it is not used for a while.' },
}

/** What scopes allow, in words for a person. */
export function permissionsOf(scopes: readonly string[], resources: ResourceCatalog): readonly Permission[] {
  return scopes.map((scope) => OPENID_PERMISSIONS[scope] ?? { title: resources.describe(scope) ?? scope, detail: undefined })
}

/** Asks the person to allow the client what it asked for. */
export function consentPage(
  { request, client }: Requested,
  account: Account | undefined,
  frame: FormFrame,
  { resources, details }: RequestRules,
): Reply {
  const page = Consent({
    ...frame,
    clientName: client.clientName,
    clientPlace: placeOf(request.redirectUri),
    stranger: strangerOf(client, onlyOnDevice(client.redirectUris)),
    clientUri: client.clientUri,
    policyUri: client.policyUri,
    tosUri: client.tosUri,
    subjectName: account?.displayName ?? '',
    permissions: [...permissionsOf(request.scopes, resources), ...claimPermissions(request)],
    details: details.words(request.authorizationDetails),
  })
  return renderPage(page, { status: 200, formAction: [SELF, formActionSource(request.redirectUri)] })
}

/**
 * What a person is told of a client that no operator created.
 *
 * @param here the answer goes to this very device and nowhere else; false where nobody is redirected
 */
export function strangerOf({ origin, clientId }: Client, here = false): StrangerModel | undefined {
  if (origin === 'operator') return undefined
  return { publishedBy: origin === 'document' ? new URL(clientId).host : undefined, onlyOnDevice: here }
}

/** Of an address on this device the host too: a person may know that nothing of hers listens there (MCP-08). */
function placeOf(redirectUri: string): string {
  const url = new URL(redirectUri)
  const here = url.protocol !== 'https:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (here) return `an app on this device (${url.hostname})`
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'an app on this device'
  return url.host
}
