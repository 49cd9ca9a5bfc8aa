import type { AskedAuthorization } from '../authorization/request.ts'
import type { Permission } from '../pages/models.ts'
import { isProtocolClaim, scopeOfClaim } from '../tokens/claims.ts'

/** OpenID Connect Core §5.1 in words; what belongs together has one line. */
const WORDS: Readonly<Record<string, string>> = {
  name: 'See your name',
  given_name: 'See your name',
  family_name: 'See your name',
  middle_name: 'See your name',
  nickname: 'See your nickname',
  preferred_username: 'See your user name',
  profile: 'See the address of your profile page',
  picture: 'See your picture',
  website: 'See the address of your website',
  gender: 'See your gender',
  birthdate: 'See your date of birth',
  zoneinfo: 'See your time zone',
  locale: 'See your language',
  updated_at: 'See when your profile last changed',
  email: 'See your e-mail address',
  email_verified: 'See your e-mail address',
  address: 'See your postal address',
  phone_number: 'See your phone number',
  phone_number_verified: 'See your phone number',
}

/** The claims that a request asks for by name and that its scopes do not open anyway: the person is asked for each. */
export function claimsBeyondScopes({ claims, scopes }: Pick<AskedAuthorization, 'claims' | 'scopes'>): readonly string[] {
  if (claims === undefined) return []
  const names = [...Object.keys(claims.userinfo), ...Object.keys(claims.idToken)]
  return [...new Set(names)].filter((name) => !isProtocolClaim(name) && !scopes.includes(scopeOfClaim(name) ?? ''))
}

/** What they open, in words for a person; a claim that no standard names is called by its name. */
export function claimPermissions(request: Pick<AskedAuthorization, 'claims' | 'scopes'>): readonly Permission[] {
  const lines = new Map<string, Permission>()
  for (const name of claimsBeyondScopes(request)) {
    const words = scopeOfClaim(name) === undefined ? undefined : WORDS[name.replace(/#.*$/, '')]
    const title = words ?? `See what is kept about you as “${name}”`
    lines.set(title, { title, detail: undefined })
  }
  return [...lines.values()]
}
