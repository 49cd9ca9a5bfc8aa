import * as z from 'zod'
import type { ShapeOf } from './shape.ts'

/** Metadata of what a client may reach beyond scopes and resources. */
export interface ReachMetadata {
  readonly authorization_details_types?: string[] | undefined
  readonly protected_resources?: string[] | undefined
  readonly backchannel_token_delivery_mode?: 'poll' | 'ping' | undefined
  readonly backchannel_client_notification_endpoint?: string | undefined
  readonly first_party?: boolean | undefined
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
