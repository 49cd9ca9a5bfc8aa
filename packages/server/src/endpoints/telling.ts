import type { Reply } from '@holdfast/protocol/http'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Opened } from './purpose.ts'

/** A fault of ours after the redirect URI was trusted: logged where every fault is, and told to the client by redirect (OA-35). */
export class ToldFault extends Error {
  override readonly name = 'ToldFault'
  readonly reply: (error: OAuthError) => Promise<Reply>

  constructor(cause: unknown, reply: (error: OAuthError) => Promise<Reply>) {
    super('a fault after the redirect URI was trusted', { cause })
    this.reply = reply
  }
}

/**
 * Runs what may fail for reasons of ours, and says where the client is to be told.
 *
 * @param cookies of what is written already: without them the browser would have lost the session that it just got
 */
export async function telling(
  as: AuthorizationServer,
  { client, request }: Opened,
  work: () => Promise<Reply>,
  cookies: readonly string[] = [],
): Promise<Reply> {
  try {
    return await work()
  } catch (fault) {
    if (fault instanceof ToldFault) throw fault
    throw new ToldFault(fault, async (error) => {
      const reply = await as.responses.refuse(client.client, request, error)
      return { ...reply, headers: withCookies(reply.headers, cookies) }
    })
  }
}

export function withCookies(headers: Reply['headers'], cookies: readonly string[]): Reply['headers'] {
  return cookies.length === 0 ? headers : { ...headers, 'set-cookie': [headers['set-cookie'] ?? [], cookies].flat() }
}
