import type { OutboundReply } from '../config/outbound.ts'
import type { DocumentOptions, MachineClientPolicy } from '../index.ts'
import { authorizationParameters, Person } from './person.ts'
import { type Registrar, startRegistrar } from './registrar.ts'

export type Members = Readonly<Record<string, unknown>>

export const URL_OF_CLIENT = 'https://app.example/oauth/client.json'
export const CALLBACK = 'https://app.example/cb'

export function published(over: Members = {}): Members {
  return { client_id: URL_OF_CLIENT, client_name: 'Editor', redirect_uris: [CALLBACK], ...over }
}

export function start(
  document?: Members | string | OutboundReply,
  options: Partial<DocumentOptions> = {},
  policy: Partial<MachineClientPolicy> = {},
): Promise<Registrar> {
  return startRegistrar({ clientIdMetadataDocuments: { enabled: true, ...options }, policy }).then((registrar) => {
    if (document !== undefined) registrar.places.put(URL_OF_CLIENT, document)
    return registrar
  })
}

export function reply(document: Members, cacheControl: string, status = 200): OutboundReply {
  return { status, headers: { 'cache-control': cacheControl }, body: new TextEncoder().encode(JSON.stringify(document)) }
}

/** 303: on its way to sign in. 400: a page of ours. */
export async function opened({ as }: Registrar, over: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await new Person(as).authorize(authorizationParameters({ client_id: URL_OF_CLIENT, redirect_uri: CALLBACK, ...over }))).status
}

export const asked = ({ places }: Registrar): number => places.asked.length
