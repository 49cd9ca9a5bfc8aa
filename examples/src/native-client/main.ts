/**
 * A command-line application with no secret (RFC 8252): PAR, PKCE and DPoP, the system's browser or another device to sign
 * in, and its key and refresh token in the keychain of the operating system.
 *
 *   node examples/dist/native-client/main.js login [--device] [--no-browser] | whoami | call | logout
 *        [--issuer http://localhost:4000] [--api http://localhost:4001/api/accounts]
 */
import { parseArgs } from 'node:util'
import * as oidc from 'openid-client'
import { discover } from './authorization-server.ts'
import { signInOnDevice } from './device.ts'
import { Keychain } from './keychain.ts'
import { signInByLoopback } from './loopback.ts'
import { Session } from './session.ts'
import { say, tell } from './terminal.ts'

const CLIENT_ID = 'native-example'
const SCOPE = 'openid profile offline_access accounts:read'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    issuer: { type: 'string', default: 'http://localhost:4000' },
    api: { type: 'string', default: 'http://localhost:4001/api/accounts' },
    device: { type: 'boolean', default: false },
    'no-browser': { type: 'boolean', default: false },
  },
})

async function main(command: string | undefined): Promise<void> {
  const keychain = await Keychain.open(values.issuer)
  const session = new Session(keychain, () => discover(values.issuer, CLIENT_ID))
  switch (command) {
    case 'login': {
      const server = await discover(values.issuer, CLIENT_ID)
      const signIn = values.device ? signInOnDevice : signInByLoopback
      await session.begin(await signIn(server, { scope: SCOPE, openBrowser: !values['no-browser'] }))
      return say('Signed in.')
    }
    case 'whoami':
      return say(JSON.stringify(await session.whoAmI()))
    case 'call': {
      const answer = await session.call(new URL(values.api))
      return say(`${answer.status} ${await answer.text()}`)
    }
    case 'logout':
      return say(await session.end())
    default:
      throw new Error('one of login, whoami, call, logout')
  }
}

try {
  await main(positionals[0])
} catch (error) {
  tell(explained(error))
  process.exitCode = 1
}

/** What the server says is told only when the answer is known to be the server's: openid-client looks at `iss` and `state` first. */
function explained(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return `The server refused: ${error.error}${error.error_description === undefined ? '' : ` (${error.error_description})`}`
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
