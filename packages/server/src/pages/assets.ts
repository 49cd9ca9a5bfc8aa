import { createHash } from 'node:crypto'
import { formPostScript } from './form-post-script.ts'
import { passkeyScript } from './passkey-script.ts'
import { stylesheet, stylesheetPath } from './stylesheet.ts'

export { stylesheetPath } from './stylesheet.ts'

/** A file that pages load. Its name holds its hash, so it may be kept for ever. */
export interface Asset {
  /** Below the issuer. */
  readonly path: string
  readonly contentType: string
  readonly body: string
}

export const formPostScriptPath: string = scriptPath(formPostScript)
export const passkeyScriptPath: string = scriptPath(passkeyScript)

export const ASSETS: readonly Asset[] = [
  { path: stylesheetPath, contentType: 'text/css; charset=utf-8', body: stylesheet },
  { path: formPostScriptPath, contentType: 'text/javascript; charset=utf-8', body: formPostScript },
  { path: passkeyScriptPath, contentType: 'text/javascript; charset=utf-8', body: passkeyScript },
]

/** An asset's path as a page names it: an issuer may have a path of its own. */
export function assetHref(issuer: string, path: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '') + path
}

function scriptPath(script: string): string {
  return `/assets/${createHash('sha256').update(script).digest('base64url').slice(0, 12)}.js`
}
