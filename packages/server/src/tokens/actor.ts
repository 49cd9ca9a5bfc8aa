import type { Client } from '../config/client.ts'
import type { Actor } from './issuance.ts'
import { isPairwise, type Subjects } from './subjects.ts'

/** RFC 8693 §4.1: who acts, by the names that a client is to see. A client that acts for itself is called by its `client_id`. */
export function actorFor(subjects: Subjects, client: Pick<Client, 'pairwiseSector'>, { sub, client_id, act }: Actor): Actor {
  return {
    sub: sub === client_id || isPairwise(sub) ? sub : subjects.subjectFor(client, sub),
    ...(client_id === undefined ? {} : { client_id }),
    ...(act === undefined ? {} : { act: actorFor(subjects, client, act) }),
  }
}
