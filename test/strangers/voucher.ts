import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { accessToken, defineGrant, event, type Records, refuse, type RegisteredGrant, serverKinds } from '@holdfast/server/grant'
import type { Kinds, Stored } from '@holdfast/store'

/** A grant type that nobody needs: a voucher, good for one token for whoever it was made out to. Made of public parts alone. */
export const VOUCHER = 'https://vouchers.example/grant-type/voucher'

export interface VoucherRecord {
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly usedAt: number | undefined
}

export type WithVouchers = Records & { readonly voucher: VoucherRecord }

export const kinds: Kinds<WithVouchers> = { ...serverKinds, voucher: { indexes: ['clientId'], id: 'given', expires: true } }

interface Params {
  readonly voucher: string
}

interface Facts {
  readonly voucher: Stored<VoucherRecord> | undefined
}

export const voucherGrant: RegisteredGrant<WithVouchers> = defineGrant<Params, Facts, WithVouchers>({
  type: VOUCHER,
  spec: 'a test',
  parse(form: Form) {
    const voucher = form.need('voucher')
    return voucher instanceof OAuthError ? voucher : { voucher }
  },
  async load({ store }, { voucher }) {
    return { voucher: await store.read('voucher', voucher) }
  },
  decide({ facts: { voucher }, client, binding, policy, ambient: { now } }) {
    const { clientId } = client.client
    if (voucher === undefined || voucher.value.clientId !== clientId || voucher.value.usedAt !== undefined)
      return refuse(new OAuthError('invalid_grant', 'voucher is unknown or used'))
    const target = policy.resources.target([], [], voucher.value.scopes, client.client)
    if (target instanceof OAuthError) return refuse(target)
    return {
      answer: {
        ...accessToken({ client: client.client, binding, now }, target, {
          subject: clientId,
          grantId: undefined,
          authentication: undefined,
        }),
        response: { voucher_used: true },
      },
      changes: [
        {
          op: 'replace',
          kind: 'voucher',
          id: voucher.id,
          expected: voucher.version,
          value: { ...voucher.value, usedAt: now },
          expiresAt: voucher.expiresAt,
        },
        event('tokens.issued', now, { clientId }, { grantType: VOUCHER }),
      ],
    }
  },
})
