import * as z from 'zod'
import type { ShapeOf } from './shape.ts'

/** Metadata of what a client may reach beyond scopes and resources. */
export interface ReachMetadata {
  readonly authorization_details_types?: string[] | undefined
  readonly protected_resources?: string[] | undefined
  readonly backchannel_token_delivery_mode?: 'poll' | 'ping' | undefined
  readonly backchannel_client_notification_endpoint?: string | undefined
  readonly token_exchange?:
    | { readonly impersonation?: boolean | undefined; readonly scopes?: Record<string, string[]> | undefined }
    | undefined
  readonly may_act?: { readonly sub?: string | undefined; readonly client_id?: string | undefined } | undefined
  readonly first_party?: boolean | undefined
  readonly default_acr_values?: string[] | undefined
  readonly unsafe_without_pkce?: boolean | undefined
}

export const reachShape: ShapeOf<ReachMetadata> = {
  authorization_details_types: z
    .array(z.string().min(1).max(256))
    .max(50)
    .meta({
      description: 'Types of authorization_details it may ask for (RFC 9396 §10). Default: none.',
      allowed: 'a list of types of authorization_details',
    })
    .optional(),
  protected_resources: z
    .array(z.string().min(1).max(1024))
    .max(50)
    .meta({
      description: 'Identifiers of the resources that it stands for as a resource server: it may introspect their tokens. Default: none.',
      allowed: 'a list of resource identifiers',
    })
    .optional(),
  backchannel_token_delivery_mode: z
    .enum(['poll', 'ping'])
    .meta({
      description: 'How it learns that a person has answered (CIBA Core §4). Needed for the grant urn:openid:params:grant-type:ciba.',
    })
    .optional(),
  backchannel_client_notification_endpoint: z
    .string()
    .min(1)
    .max(2048)
    .meta({ description: 'Where it is told, with ping: https.', allowed: 'an https address of at most 2048 characters' })
    .optional(),
  token_exchange: z
    .strictObject({
      impersonation: z
        .boolean()
        .meta({ description: 'Without actor_token its tokens name no actor, as if the person used them directly. Default: false.' })
        .optional(),
      scopes: z
        .record(z.string().min(1).max(128), z.array(z.string().min(1).max(128)).max(50))
        .meta({
          description: 'What a scope of a subject token may become at the next API. Default: nothing but itself.',
          allowed: 'an object of scopes, each with a list of scopes',
        })
        .optional(),
    })
    .meta({
      description: 'What it may do when it exchanges tokens (RFC 8693), beyond what the subject token says. Default: nothing.',
      allowed: 'an object of impersonation and scopes',
    })
    .optional(),
  may_act: z
    .strictObject({
      sub: z.string().min(1).max(256).meta({ description: 'The sub of the only actor.' }).optional(),
      client_id: z.string().min(1).max(256).meta({ description: 'The client of the only actor.' }).optional(),
    })
    .meta({
      description:
        'Who alone may act for its people when one of its access tokens is exchanged (RFC 8693 §4.4). Default: everybody who may exchange it.',
      allowed: 'an object of sub and client_id, at least one of the two',
    })
    .optional(),
  default_acr_values: z
    .array(z.string().min(1).max(200).meta({ allowed: 'the acr of a level' }))
    .max(20)
    .meta({
      description: 'The authentication levels it requires where a request names none, the one it prefers first. Default: none.',
      allowed: 'a list of the acr of levels',
    })
    .optional(),
  first_party: z
    .boolean()
    .meta({ description: "An application of your own, which may collect the person's credentials itself. Default: false." })
    .optional(),
  unsafe_without_pkce: z
    .boolean()
    .meta({
      description:
        'Weakens: a confidential OpenID Connect client that cannot do PKCE may leave it out, and must then send `nonce` (OAuth 2.1 §7.5.1). Default: false.',
    })
    .optional(),
}
