import { createBff } from '@holdfast/bff'
import { toExpress } from '@holdfast/mount/express'
import express, { type Express } from 'express'
import { notesApi } from './api.ts'

export interface Settings {
  readonly issuer: string
  /** How browsers reach this application. */
  readonly url: string
  readonly clientKey: JsonWebKey & { readonly kid: string }
  readonly sessionSecret: string
}

/** The sign-in, the way to the API, and the API. The pages come after it. */
export function createApp({ issuer, url, clientKey, sessionSecret }: Settings): Express {
  const bff = createBff({
    publicUrl: url,
    issuer,
    client: { clientId: 'web', privateJwk: clientKey },
    scope: 'openid profile notes:read notes:write',
    secrets: [{ id: 'first', value: sessionSecret }],
    apis: [{ path: '/api/notes', upstream: `${url}/notes` }],
  })
  const app = express()
  app.disable('x-powered-by')
  app.use(toExpress(bff.handle))
  app.use('/notes', notesApi(issuer, url))
  return app
}

/** What the pages may do: run the scripts that were built, ask this server, and nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function servePages(app: Express, folder: string): void {
  app.use(
    express.static(folder, {
      setHeaders: (response) => {
        response.setHeader('content-security-policy', POLICY)
        response.setHeader('x-content-type-options', 'nosniff')
        response.setHeader('referrer-policy', 'same-origin')
      },
    }),
  )
}
