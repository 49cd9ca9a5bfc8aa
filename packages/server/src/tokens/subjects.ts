import type { Client } from '../config/client.ts'

/** What clients call people. */
export class Subjects {
  subjectFor(_client: Client, subject: string): string {
    return subject
  }
}
