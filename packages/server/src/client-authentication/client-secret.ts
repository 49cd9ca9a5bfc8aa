import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import type { Authentication, VerificationContext } from './method.ts'

/** Every reading of the secret is compared with every secret of the client, so that time tells nothing (CAUTH-16). */
export function checkSecret(
  readings: readonly string[],
  client: Client,
  { now, witness }: Pick<VerificationContext, 'now' | 'witness'>,
): Authentication | OAuthError {
  return tellerOf('client', witness)('secret', 'CAUTH-05', compared(readings, client, now))
}

function compared(readings: readonly string[], client: Client, now: EpochSeconds): Authentication | OAuthError {
  let right = false
  for (const reading of readings) {
    // A client without a secret is compared with none, for the same time.
    for (const secret of client.secrets.length === 0 ? [undefined] : client.secrets) {
      const current = secret !== undefined && (secret.expiresAt === undefined || secret.expiresAt > now)
      if (secretMatches(reading, secret?.hash) && current) right = true
    }
  }
  return right ? { burn: [] } : wrongCredentials()
}

/** One answer for an unknown client and a wrong secret (CAUTH-05). */
export function wrongCredentials(detail?: string, rule = 'CAUTH-05'): OAuthError {
  return new OAuthError('invalid_client', 'the client is unknown or its credentials are wrong', {
    rule,
    ...(detail === undefined ? {} : { detail }),
  })
}
