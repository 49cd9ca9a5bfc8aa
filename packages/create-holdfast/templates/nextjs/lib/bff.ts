import { type Bff, type BffSession, createBff } from '@holdfast/bff'
import { headers } from 'next/headers'
import { setting, settings } from './settings.ts'

/** Routes and pages are separate bundles with modules of their own, and the sessions are the same ones. */
const shared = globalThis as typeof globalThis & { holdfastBff?: Bff }

export function bff(): Bff {
  const { issuer, url } = settings()
  return (shared.holdfastBff ??= createBff({
    publicUrl: url,
    issuer,
    client: { clientId: 'web', privateJwk: JSON.parse(setting('CLIENT_KEY')) as JsonWebKey & { kid: string } },
    scope: 'openid profile notes:read notes:write',
    secrets: [{ id: 'first', value: setting('SESSION_SECRET') }],
    apis: [{ path: '/api/notes', upstream: `${url}/notes` }],
    // Pages are made on the server: whoever follows a link from another site is to be known at once.
    cookie: { sameSite: 'Lax' },
  }))
}

/** Who is signed in, for a server component. */
export async function session(): Promise<BffSession | undefined> {
  const sent = await headers()
  return bff().session({
    method: 'GET',
    path: '/',
    query: '',
    headers: (name) => [sent.get(name)].filter((value) => value !== null),
    clientAddress: '',
    body: () => Promise.resolve(new Uint8Array()),
  })
}
