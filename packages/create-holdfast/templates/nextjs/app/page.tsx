import type { ReactNode } from 'react'
import { session } from '../lib/bff.ts'
import { Notes } from './notes.tsx'

/** Made on the server, with who is signed in. What is a link of `next/link` is fetched ahead: signing in is none. */
export default async function Page(): Promise<ReactNode> {
  const found = await session()
  if (found === undefined)
    return (
      <>
        <h1>Notes</h1>
        <a id="sign-in" className="button" href="/bff/login?return_to=/">
          Sign in
        </a>
      </>
    )
  return (
    <>
      <h1>Notes</h1>
      <p>
        You are <strong id="who">{String(found.claims['name'] ?? found.claims['sub'])}</strong>, and this page holds no token. See{' '}
        <a href="/account">what the application knows of you</a>.
      </p>
      <Notes />
    </>
  )
}
