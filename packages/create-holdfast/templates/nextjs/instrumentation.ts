/**
 * At the start, and not with the first request: a guard refuses proofs that are older than itself, since it cannot know
 * whether they were used before.
 */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { guard } = await import('./lib/guard.ts')
  guard()
}
