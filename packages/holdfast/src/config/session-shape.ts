import type { LogoutOptions, SessionOptions } from '@holdfast/server/config'
import * as z from 'zod'

/** The section `sessions`. */
export const sessionsShape: z.ZodType<SessionOptions> = z
  .strictObject({
    thirdPartyFrames: z.boolean().default(false).meta({
      description:
        'The session is known in frames of other sites: check_session_iframe (OpenID Connect Session Management), and prompt=none in a frame. The session cookie is then SameSite=None. Browsers that block third-party cookies ignore it.',
    }),
  })
  .prefault({})
  .meta({ description: 'Sessions in browsers.', allowed: 'an object with thirdPartyFrames' }) as unknown as z.ZodType<SessionOptions>

/** The section `logout`. */
export const logoutShape: z.ZodType<LogoutOptions> = z
  .strictObject({
    endsRefreshTokens: z
      .boolean()
      .default(true)
      .meta({ description: 'Refresh tokens end with the session, except where offline_access was granted (Back-Channel Logout §2.7).' }),
  })
  .prefault({})
  .meta({ description: 'What signing out ends.', allowed: 'an object with endsRefreshTokens' }) as unknown as z.ZodType<LogoutOptions>
