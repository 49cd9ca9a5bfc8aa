import { thumbprint } from '@holdfast/proof/node'
import { selfSigned } from '../certificates.ts'
import type { IssuerState } from './apis.ts'
import { CLIENT_RSA, OTHER_PUBLISHED, PUBLISHED } from './keys.ts'
import type { Row } from './row.ts'
import { credentialRows } from './rows/credentials.ts'
import { introspectionRows, metadataRows, settingRows } from './rows/issuers.ts'
import { boundRows, needRows, nonceRows } from './rows/needs.ts'
import { proofRows } from './rows/proofs.ts'
import { tokenRows } from './rows/tokens.ts'

/** The shared list: every mount in every runtime answers these, in this order, in the same way. All of it is JSON. */
export interface List {
  readonly rows: readonly Row[]
  readonly issuer: IssuerState
  /** What is new in every run and told in answers, and the name of the same length that it is recorded under. */
  readonly labels: Readonly<Record<string, string>>
}

export async function newList(): Promise<List> {
  const [mine, other] = [await selfSigned(), await selfSigned()]
  const tokens: Record<string, object | string> = {}
  const rows = [
    ...credentialRows(),
    ...tokenRows(),
    ...proofRows(),
    ...needRows(),
    ...nonceRows(),
    ...boundRows(mine, other),
    ...metadataRows(),
    ...introspectionRows(tokens),
    ...settingRows(),
  ]
  const labels = {
    [thumbprint(CLIENT_RSA.publicJwk)]: 'thumbprint-of-the-RSA-key'.padEnd(43, '-'),
    [mine.thumbprint]: 'thumbprint-of-the-certificate'.padEnd(43, '-'),
  }
  return { rows, issuer: { keys: PUBLISHED, otherKeys: OTHER_PUBLISHED, tokens }, labels }
}
