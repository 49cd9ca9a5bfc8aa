import type { Client } from '../config/client.ts'
import type { Subjects } from '../tokens/subjects.ts'
import type { AskedAuthorization } from './request.ts'

/**
 * Whether a request may go on for this person: the one whom `id_token_hint` names (OIDC-18), and whom `sub` names in a claims
 * request, as the client knows them (OIDC-19). Everybody, where it names nobody.
 */
export function isWanted(
  { hintedSubject, claims }: Pick<AskedAuthorization, 'hintedSubject' | 'claims'>,
  client: Client,
  subjects: Subjects,
  subject: string,
): boolean {
  if (hintedSubject !== undefined && hintedSubject !== subject) return false
  const named = [claims?.idToken['sub']?.values, claims?.userinfo['sub']?.values].filter((values) => values !== undefined)
  return named.every((values) => values.includes(subjects.subjectFor(client, subject)))
}
