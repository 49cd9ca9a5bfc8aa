import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import { newSecret } from '@holdfast/protocol/secret'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { PageLink } from '../pages/models.ts'
import { ErrorPage } from '../pages/error.tsx'
import { renderPage } from '../pages/render.ts'
import { assetHref, stylesheetPath } from '../pages/assets.ts'

export function stylesheetHref(as: AuthorizationServer): string {
  return assetHref(as.issuer, stylesheetPath)
}

/**
 * What a person sees when the request cannot go on and no client may be told (OA-09, OA-10): a safe sentence
 * and a reference, with the way on where there is one. The developer's part stands in the log under that reference, and on the page in development.
 */
export function errorPage(
  as: AuthorizationServer,
  request: HttpRequest,
  error: OAuthError,
  title: string,
  explanation: string,
  status = 400,
  link?: PageLink,
): Reply {
  const reference = newSecret().slice(0, 10)
  as.refusals.count(error, request.path.split('/').slice(0, 2).join('/'), undefined, request.clientAddress)
  if (as.refusals.mayTell())
    as.log.warn('error page', { reference, code: error.code, rule: error.rule, description: error.description, detail: error.detail })
  const developer = as.development ? { code: error.code, description: error.description, rule: error.rule } : undefined
  return renderPage(ErrorPage({ stylesheetHref: stylesheetHref(as), title, explanation, reference, developer, link }), {
    status,
    formAction: [],
  })
}
