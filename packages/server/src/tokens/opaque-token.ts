import { formatHandle, newRecordId, newSecret, parseHandle, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ServerChange, ServerReader } from '../records.ts'
import type { Issuance } from './issuance.ts'
import type { ReadAccessToken } from './read-access-token.ts'

/** No other text of ours begins so: a JWT has dots, so has a refresh token, and a code is a bare handle. */
const PREFIX = 'at_'

export function isOpaqueToken(text: string): boolean {
  return text.startsWith(PREFIX)
}

/** A handle (design §6), and the record of what a JWT would say: it is stored in the commit of the answer. */
export function opaqueToken(issuance: Issuance): { readonly text: string; readonly change: ServerChange } {
  const id = newRecordId()
  const secret = newSecret()
  const { authentication, confirmation } = issuance
  return {
    text: PREFIX + formatHandle({ id, secret }),
    change: {
      op: 'insert',
      kind: 'access_token',
      id,
      value: {
        secretHash: secretHash(secret),
        jti: newSecret(),
        clientId: issuance.client.clientId,
        subject: issuance.subject,
        grantId: issuance.grantId,
        audience: issuance.audience,
        scopes: issuance.scopes,
        jkt: confirmation?.jkt,
        x5t: confirmation?.x5t,
        // Member by member: a grant that stands in for it has more.
        authentication:
          authentication === undefined
            ? undefined
            : { authTime: authentication.authTime, acr: authentication.acr, amr: authentication.amr },
        authorizationDetails: issuance.authorizationDetails,
        actor: issuance.actor,
        mayAct: issuance.client.mayAct,
        exchangedFrom: issuance.exchangedFrom,
        issuedAt: issuance.issuedAt,
        endsAt: issuance.expiresAt,
      },
      expiresAt: issuance.expiresAt,
    },
  }
}

/** @returns undefined for an unknown id and a wrong secret alike, after the same work, and for a token that has ended */
export async function readOpaqueToken(store: ServerReader, text: string, now: EpochSeconds): Promise<ReadAccessToken | undefined> {
  const handle = parseHandle(text.slice(PREFIX.length))
  const found = handle === undefined ? undefined : await store.read('access_token', handle.id)
  if (!secretMatches(handle?.secret ?? '', found?.value.secretHash) || found === undefined || found.value.endsAt <= now) return undefined
  const { secretHash: _hash, endsAt: expiresAt, authorizationDetails = [], jkt, x5t, ...said } = found.value
  const confirmation = jkt === undefined && x5t === undefined ? undefined : { jkt, x5t }
  const { mayAct, exchangedFrom = [], grantId, subject: sub, ...told } = said
  return {
    ...told,
    sub,
    grantId,
    mayAct,
    exchangedFrom,
    confirmation,
    recordId: found.id,
    expiresAt,
    authorizationDetails,
    ofClient: grantId === undefined,
  }
}
