import * as oidc from 'openid-client'
import { renderUnicodeCompact } from 'uqr'
import { newKey, type SignedIn, type Wishes } from './authorization-server.ts'
import { mayBeOpened, say } from './terminal.ts'

/** Signs in on another device (RFC 8628), for a machine without a browser, such as one at the far end of ssh. */
export async function signInOnDevice(server: oidc.Configuration, { scope }: Wishes): Promise<SignedIn> {
  const { keys, key } = await newKey()
  const asked = await oidc.initiateDeviceAuthorization(server, { scope })
  for (const address of [asked.verification_uri, asked.verification_uri_complete ?? asked.verification_uri]) {
    if (!mayBeOpened(new URL(address))) throw new Error(`the server names ${address}, which is no web page`)
  }
  if (asked.verification_uri_complete !== undefined) say(renderUnicodeCompact(asked.verification_uri_complete))
  say(`On your telephone or computer open\n  ${asked.verification_uri}\nand compare or type the code\n  ${asked.user_code}`)
  const DPoP = oidc.getDPoPHandle(server, keys)
  return { tokens: await oidc.pollDeviceAuthorizationGrant(server, asked, {}, { DPoP }), key }
}
