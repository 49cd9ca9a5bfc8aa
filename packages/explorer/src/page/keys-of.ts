import type { Members } from '../encoding.ts'
import { isMembers } from '../encoding.ts'

export interface IssuerKeys {
  readonly keys: readonly Members[] | undefined
  /** Why there are none. */
  readonly fault: string | undefined
}

/** The keys that an issuer publishes (RFC 8414 §2), asked for anew each time: they rotate. */
export async function keysOf(issuer: string, get: typeof fetch = fetch): Promise<IssuerKeys> {
  const fault = (why: string): IssuerKeys => ({ keys: undefined, fault: `The signature could not be checked: ${why}` })
  if (!URL.canParse(issuer)) return fault('the issuer is no full address.')
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const read = async (url: string): Promise<Members | undefined> => {
    const response = await get(url, { credentials: 'omit', cache: 'no-store' }).catch(() => undefined)
    const body: unknown = response?.ok === true ? await response.json().catch(() => undefined) : undefined
    return isMembers(body) ? body : undefined
  }
  const metadata =
    (await read(`${origin}/.well-known/oauth-authorization-server${path}`)) ??
    (await read(`${origin}${path}/.well-known/openid-configuration`))
  if (metadata === undefined) return fault('the issuer’s metadata could not be read from here.')
  // RFC 8414 §3.3: another issuer's document would have its keys pass for this one's.
  if (metadata['issuer'] !== issuer) return fault(`the metadata there is of ${String(metadata['issuer'])}, not of this issuer.`)
  const uri = metadata['jwks_uri']
  if (typeof uri !== 'string' || !URL.canParse(uri)) return fault('the issuer names no jwks_uri.')
  const keys = (await read(uri))?.['keys']
  return Array.isArray(keys) ? { keys: keys.filter(isMembers), fault: undefined } : fault('the issuer’s keys could not be read from here.')
}
