import type { Reply } from '@holdfast/protocol/http'
import { canBePostedTo, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { assetHref, formPostScriptPath, stylesheetPath } from '../pages/assets.ts'
import { FormPost } from '../pages/form-post.tsx'
import { formActionSource, renderPage } from '../pages/render.ts'

/**
 * Form Post Response Mode §2: a page whose form the browser sends to the redirect URI, by a script of ours or by
 * the button. The page may send nothing anywhere else (JRM-08: and nobody may keep it).
 *
 * @throws for a redirect URI that no form can be posted to: the request was refused before, so only a bug gets here
 */
export function formPost(
  redirectUri: ValidRedirectUri,
  parameters: Readonly<Record<string, string>>,
  headers: Reply['headers'],
  issuer: string,
): Reply {
  if (!canBePostedTo(redirectUri)) throw new Error('form_post needs an http or https redirect URI')
  const page = FormPost({
    stylesheetHref: assetHref(issuer, stylesheetPath),
    scriptHref: assetHref(issuer, formPostScriptPath),
    action: redirectUri,
    clientPlace: new URL(redirectUri).host,
    fields: Object.entries(parameters),
  })
  return renderPage(page, { status: 200, formAction: [formActionSource(redirectUri)], script: true, headers })
}
