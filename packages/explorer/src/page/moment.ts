const MOMENTS: readonly string[] = ['iat', 'exp', 'nbf', 'auth_time', 'updated_at', 'client_id_issued_at']

/** Seconds since 1970 as a person reads them, in UTC: a token knows no other. */
export function asMoment(name: string, value: unknown): string | undefined {
  if (!MOMENTS.includes(name) || typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 8.64e12) return undefined
  return `${new Date(value * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
