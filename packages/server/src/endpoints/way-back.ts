import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import type { PageLink } from '../pages/models.ts'

/**
 * The way back to an application where it cannot be sent an answer: to where sign-ins at it begin (OpenID Connect Core §4), else
 * to its own page. An address that a stranger wrote gets no link: a page of ours would lend it our good name.
 */
export function wayBack(as: AuthorizationServer, client: Client | undefined): PageLink | undefined {
  if (client?.origin !== 'operator') return undefined
  const label = 'Go back to the application'
  const { initiateLoginUri, clientUri } = client
  if (initiateLoginUri?.startsWith('https://') === true && URL.canParse(initiateLoginUri)) {
    const href = new URL(initiateLoginUri)
    href.searchParams.set('iss', as.issuer)
    return { href: href.href, label }
  }
  return clientUri?.startsWith('https://') === true ? { href: clientUri, label } : undefined
}
