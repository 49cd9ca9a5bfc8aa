import type { Express } from 'express'
import { createApp, servePages } from './app.ts'

const { PORT = '3000', APP_URL = `http://localhost:${PORT}` } = process.env
const app = createApp({
  issuer: setting('HOLDFAST_ISSUER'),
  url: APP_URL,
  clientKey: JSON.parse(setting('CLIENT_KEY')) as JsonWebKey & { kid: string },
  sessionSecret: setting('SESSION_SECRET'),
})
if (process.argv.includes('--dev')) await serveSources(app)
else servePages(app, 'dist')
app.listen(Number(PORT), (error) => {
  if (error !== undefined) throw error
})

/** Vite makes the pages anew as they change. Its own scripts need more than the policy of the built pages allows. */
async function serveSources(app: Express): Promise<void> {
  const { createServer } = await import('vite')
  const vite = await createServer({ server: { middlewareMode: true, ws: { port: Number(PORT) + 20_000 } } })
  app.use(vite.middlewares)
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: see .env.example`)
  return value
}
