import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { session } from '../../lib/bff.ts'

/** For those who are signed in; everybody else comes back here afterwards. */
export default async function Account(): Promise<ReactNode> {
  const found = await session()
  if (found === undefined) redirect('/bff/login?return_to=/account')
  return (
    <>
      <h1>What the application knows of you</h1>
      <pre id="claims">{JSON.stringify(found.claims, undefined, 2)}</pre>
      <a href="/">Back</a>
    </>
  )
}
