import type { Client } from '../index.ts'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { Application } from './application.ts'
import type { Person, Seen } from './person.ts'
import type { Asked, Places } from './places.ts'
import { client, ISSUER, type TestServer } from './server.ts'

export const AFTERWARDS = 'https://app.example/signed-out'
export const TOLD = 'https://app.example/backchannel-logout'
export const FRAMED = 'https://app.example/frontchannel-logout'

/** A client that people may be sent back to after they signed out; nobody tells it. */
export function plain(over: Partial<Client> = {}): Client {
  return client({ scopes: ['openid', 'profile', 'offline_access'], postLogoutRedirectUris: [AFTERWARDS], ...over })
}

/** The same, told over the back channel. */
export function told(over: Partial<Client> = {}): Client {
  return plain({ backchannelLogoutUri: TOLD, ...over })
}

export interface SignedInAt {
  readonly app: Application
  readonly idToken: string
  readonly access: string
  readonly refresh: string
}

/** A person who is signed in at a client, with its tokens. */
export async function signedInAt(as: TestServer, client: Client, person?: Person, scope = 'openid profile'): Promise<SignedInAt> {
  const app = new Application(as, client, person === undefined ? {} : { person })
  const { answer, access, refresh } = await app.tokens({ scope })
  return { app, idToken: String(answer.body['id_token']), access, refresh }
}

export function endSessionUrl(parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString()
  return `${ISSUER}/end-session${query === '' ? '' : `?${query}`}`
}

/** Sends the form of the confirmation page with all that is hidden in it. */
export function confirm(person: Person, page: Seen, answer: string, over: Readonly<Record<string, string>> = {}): Promise<Seen> {
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? ''
  const action = /<form id="logout-confirm"[^>]* action="([^"]+)"/.exec(page.text)?.[1] ?? ''
  return person.post(action, { csrf: field('csrf'), request: field('request'), answer, ...over })
}

/** Whether the browser is still signed in at the server. */
export async function isSignedIn(person: Person): Promise<boolean> {
  return (await person.go(`${ISSUER}/device`)).status === 200
}

/** What a client was sent, verified as it would. */
export async function receivedToken(
  as: TestServer,
  asked: Asked | undefined,
  audience = 'web',
): Promise<{ readonly header: ProtectedHeaderParameters; readonly payload: JWTPayload }> {
  const token = new URLSearchParams(asked?.body ?? '').get('logout_token') ?? ''
  const keys = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet
  const currentDate = new Date(as.clock.now() * 1000)
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer: ISSUER,
    audience,
    typ: 'logout+jwt',
    currentDate,
  })
  return { header: protectedHeader, payload }
}

/** The requests that came to a place. */
export function askedAt(places: Places, url: string): readonly Asked[] {
  return places.asked.filter((one) => one.url === url)
}
