import type { Json } from '@holdfast/protocol/authorization-details'
import type { AuthorizationDetailsType, Client } from '../index.ts'
import { API, client, startServer, type TestServer } from './server.ts'

/** RFC 9396 §2: a single payment, asked every time. */
export const PAYMENT: AuthorizationDetailsType = {
  type: 'payment_initiation',
  schema: {
    type: 'object',
    properties: {
      locations: { $ref: '#/$defs/texts' },
      actions: { type: 'array', items: { enum: ['initiate', 'status', 'cancel'] }, minItems: 1 },
      instructedAmount: {
        type: 'object',
        properties: {
          currency: { type: 'string', pattern: '^[A-Z]{3}$', maxLength: 3 },
          amount: { type: 'string', maxLength: 20 },
        },
        required: ['currency', 'amount'],
        additionalProperties: false,
      },
      creditorName: { type: 'string' },
      executionDate: { type: 'string', format: 'date' },
    },
    required: ['instructedAmount', 'creditorName'],
    additionalProperties: false,
    $defs: { texts: { type: 'array', items: { type: 'string' } } },
  },
  title: 'Pay {instructedAmount.amount} {instructedAmount.currency} to {creditorName}',
  labels: { executionDate: 'On', actions: 'It may' },
}

/** Lasting access: asked once for each that is equal. */
export const ACCOUNTS: AuthorizationDetailsType = {
  type: 'account_information',
  schema: {
    properties: {
      locations: { type: 'array', items: { type: 'string' } },
      actions: { type: 'array', items: { type: 'string' } },
      datatypes: { type: 'array', items: { type: 'string' } },
      identifier: { type: 'string' },
    },
    additionalProperties: false,
  },
  title: 'See your account {identifier}',
  once: false,
}

export const PAY: { readonly type: string; readonly [member: string]: Json } = {
  type: 'payment_initiation',
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
}
export const SEE: { readonly type: string; readonly [member: string]: Json } = {
  type: 'account_information',
  locations: [API],
  actions: ['read', 'list'],
}

/** The parameter. */
export function details(...of: readonly object[]): string {
  return JSON.stringify(of)
}

export const PAYER: Client = client({ authorizationDetailsTypes: ['payment_initiation', 'account_information'] })

export function startDetailsServer(
  clients: readonly Client[] = [PAYER],
  types: readonly AuthorizationDetailsType[] = [PAYMENT, ACCOUNTS],
): Promise<TestServer> {
  return startServer(clients, { authorizationDetailsTypes: types })
}

/** The claims of a JWT; its signature is other tests' affair. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>
}
