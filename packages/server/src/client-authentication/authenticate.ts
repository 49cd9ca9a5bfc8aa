import { neighbourhood } from '@holdfast/protocol/neighbourhood'
import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretMatches } from '@holdfast/protocol/secret'
import { tellerOf } from '@holdfast/protocol/witness'
import type { AuthMethod, Client } from '../config/client.ts'
import { asksAgain } from '../refusals.ts'
import type { AuthenticatedClient } from './authenticated-client.ts'
import { wrongCredentials } from './client-secret.ts'
import type { ClientDirectory } from './clients.ts'
import type { Authentication, ClientAuthenticationMethod, Presented, VerificationContext } from './method.ts'
import type { GuessLimit } from './guess-limit.ts'

export interface AuthenticationContext extends VerificationContext {
  readonly clients: ClientDirectory
  readonly guesses: GuessLimit
  readonly methods: readonly ClientAuthenticationMethod[]
}

/** Credentials have no place in a URL, which logs and histories keep (OA-40, CAUTH-06). */
const SECRET_PARAMETERS = /(?:^|&)(?:client_secret|client_assertion|code|code_verifier|refresh_token|token|password|otp|auth_session)=/

/** Proves the client by the one method it registered (CAUTH-01), or tells why not. */
export async function authenticateClient(
  request: HttpRequest,
  form: Form,
  context: AuthenticationContext,
): Promise<AuthenticatedClient | OAuthError> {
  const tell = tellerOf('client', context.witness)
  const inUrl = tell('no credentials in the URL', 'OA-40', checkUrl(request))
  if (inUrl !== undefined) return inUrl
  const sent = shownBy(request, form, context.methods, false)
  if (sent instanceof OAuthError) return sent
  const shown = tell('one method', 'OA-46', presented(sent, request, form, context.methods))
  if (shown instanceof OAuthError) return shown
  const [{ credentials }] = shown
  const other = tell('client_id', 'CAUTH-03', checkNamed(form, credentials))
  if (other !== undefined) return other
  const guess = `${credentials.clientId.slice(0, 512)} ${neighbourhood(request.clientAddress)}`
  const blocked = tell('few failed attempts', 'OA-49', checkGuesses(request, guess, context))
  if (blocked !== undefined) return blocked
  const found = await context.clients.find(credentials.clientId)
  const proof = await verified(found?.client, shown, context)
  if (proof instanceof OAuthError || found === undefined) {
    // All instances of an app share its client_id, and behind one NAT the address: their first requests must not lock them out.
    if (!(proof instanceof OAuthError && asksAgain(proof))) await context.guesses.failed(guess, context.now)
    return proof instanceof OAuthError ? proof : wrongCredentials()
  }
  // The one place that makes one: from here on the type says that the client was proven.
  const { method, burn, instance } = proof
  return { client: found.client, method, instance, require: found.require, burn } as unknown as AuthenticatedClient
}

function checkUrl({ query }: HttpRequest): OAuthError | undefined {
  if (!SECRET_PARAMETERS.test(query)) return undefined
  return new OAuthError('invalid_request', 'credentials must not be in the URL (OAuth 2.1 §2.4.1)', { rule: 'OA-40' })
}

function checkNamed(form: Form, { clientId }: Presented): OAuthError | undefined {
  const named = form.one('client_id')
  if (named === undefined || named === clientId) return undefined
  if (named instanceof OAuthError) return named
  return new OAuthError('invalid_client', 'client_id differs from the client in the credentials', { rule: 'CAUTH-03' })
}

function checkGuesses({ clientAddress }: HttpRequest, guess: string, { guesses, now }: AuthenticationContext): OAuthError | undefined {
  // Where the address is unknown everybody would share it, and anybody could lock a client out: then nobody is blocked.
  if (clientAddress === '' || !guesses.blocked(guess, now)) return undefined
  return new OAuthError('invalid_client', 'too many failed attempts: wait a minute', { rule: 'OA-49' })
}

type Shown = { readonly method: ClientAuthenticationMethod; readonly credentials: Presented }

/**
 * The credentials of the request: exactly one method's (OA-46). A bare client_id or a certificate beside them is no
 * second one. Without any it is one of the methods that need none, whichever the client registered (MTLS-04).
 */
function presented(
  sent: readonly Shown[],
  request: HttpRequest,
  form: Form,
  methods: readonly ClientAuthenticationMethod[],
): readonly [Shown, ...Shown[]] | OAuthError {
  if (sent.length > 1)
    return new OAuthError(
      'invalid_request',
      `several client authentication methods are used at once: ${sent.map((one) => one.method.name).join(', ')}`,
      { rule: 'OA-46' },
    )
  const shown = sent.length === 1 ? sent : shownBy(request, form, methods, true)
  if (shown instanceof OAuthError) return shown
  const [first, ...others] = shown
  return first === undefined
    ? new OAuthError('invalid_client', 'the request names no client and carries no credentials', { rule: 'OA-45' })
    : [first, ...others]
}

function shownBy(
  request: HttpRequest,
  form: Form,
  methods: readonly ClientAuthenticationMethod[],
  implied: boolean,
): readonly Shown[] | OAuthError {
  const found: Shown[] = []
  for (const method of methods) {
    if ((method.implied === true) !== implied) continue
    const credentials = method.present(request, form)
    if (credentials instanceof OAuthError) return credentials
    if (credentials !== undefined) found.push({ method, credentials })
  }
  return found
}

/** Verifies, of what was shown, what the client registered. */
async function verified(
  found: Client | undefined,
  shown: readonly [Shown, ...Shown[]],
  context: AuthenticationContext,
): Promise<(Authentication & { readonly method: AuthMethod }) | OAuthError> {
  const tell = tellerOf('client', context.witness)
  const client = tell('known', 'CAUTH-05', found ?? unknownClient())
  if (client instanceof OAuthError) return client
  const used = tell('registered method', 'CAUTH-01', registeredOf(shown, client, context))
  if (used instanceof OAuthError) return used
  const proof = await used.credentials.verify(client, context)
  return proof instanceof OAuthError ? proof : { ...proof, method: used.method.name }
}

function unknownClient(): OAuthError {
  // For the same time as with a known client.
  secretMatches('', undefined)
  return wrongCredentials('unknown client')
}

function registeredOf(shown: readonly [Shown, ...Shown[]], client: Client, context: VerificationContext): Shown | OAuthError {
  const used = shown.find(({ method }) => method.accepts?.(client, context) ?? method.name === client.tokenEndpointAuthMethod)
  return used ?? wrongCredentials(`registered ${client.tokenEndpointAuthMethod}, used ${shown.at(-1)?.method.name}`, 'CAUTH-01')
}
