/** Read when they are needed: `next build` runs without them. */
export function settings(): { readonly issuer: string; readonly url: string } {
  const { APP_URL = `http://localhost:${process.env['PORT'] ?? '3000'}` } = process.env
  return { issuer: setting('HOLDFAST_ISSUER'), url: APP_URL }
}

export function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: see .env.example`)
  return value
}
