import * as z from 'zod'
import type { ShapeOf } from './shape.ts'

/** Metadata of signing out, and of signing in from elsewhere: RP-Initiated, Back-Channel and Front-Channel Logout, Core §4. */
export interface LogoutMetadata {
  readonly post_logout_redirect_uris?: string[] | undefined
  readonly backchannel_logout_uri?: string | undefined
  readonly backchannel_logout_session_required?: boolean | undefined
  readonly frontchannel_logout_uri?: string | undefined
  readonly frontchannel_logout_session_required?: boolean | undefined
  readonly initiate_login_uri?: string | undefined
}

const address = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).max(2048).meta({ description, allowed: 'an https address of at most 2048 characters' }).optional()
const flag = (description: string): z.ZodOptional<z.ZodBoolean> => z.boolean().meta({ description }).optional()

export const logoutShape: ShapeOf<LogoutMetadata> = {
  post_logout_redirect_uris: z
    .array(z.string().min(1).max(2048).meta({ allowed: 'an absolute URI of 1 to 2048 characters' }))
    .max(100)
    .meta({
      description: 'Where people may be sent after they signed out, compared character by character (RP-Initiated Logout §3.1).',
      allowed: 'a list of at most 100 URIs',
    })
    .optional(),
  backchannel_logout_uri: address('Told by the server when a session of one of its people ends (Back-Channel Logout §2.2).'),
  backchannel_logout_session_required: flag('Its logout tokens must have `sid`; they always have. Default: false.'),
  frontchannel_logout_uri: address(
    'Loaded in a frame when a person signs out (Front-Channel Logout §2): scheme, host and port of one of redirect_uris.',
  ),
  frontchannel_logout_session_required: flag('That address must get `iss` and `sid`; it always does. Default: false.'),
  initiate_login_uri: address('Where others may begin a sign-in at it (OpenID Connect Core §4).'),
}
