import { createHash } from 'node:crypto'
import { checkSessionScript } from './check-session-script.ts'
import { formPostScript } from './form-post-script.ts'
import { passkeyScript } from './passkey-script.ts'
import { signedOutScript } from './signed-out-script.ts'
import { stylesheet, stylesheetPath } from './stylesheet.ts'

export { stylesheetPath } from './stylesheet.ts'

const SCRIPT = 'text/javascript; charset=utf-8'

/** A file that pages load. Its name holds its hash, so it may be kept for ever. */
export interface Asset {
  /** Below the issuer. */
  readonly path: string
  readonly contentType: string
  readonly body: string
}

export const formPostScriptPath: string = pathOf(formPostScript)
export const passkeyScriptPath: string = pathOf(passkeyScript)
export const checkSessionScriptPath: string = pathOf(checkSessionScript)
export const signedOutScriptPath: string = pathOf(signedOutScript)

export const ASSETS: readonly Asset[] = [
  { path: stylesheetPath, contentType: 'text/css; charset=utf-8', body: stylesheet },
  { path: formPostScriptPath, contentType: SCRIPT, body: formPostScript },
  { path: passkeyScriptPath, contentType: SCRIPT, body: passkeyScript },
  { path: checkSessionScriptPath, contentType: SCRIPT, body: checkSessionScript },
  { path: signedOutScriptPath, contentType: SCRIPT, body: signedOutScript },
]

function pathOf(script: string): string {
  return `/assets/${createHash('sha256').update(script).digest('base64url').slice(0, 12)}.js`
}

/** An asset's path as a page names it: an issuer may have a path of its own. */
export function assetHref(issuer: string, path: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '') + path
}
