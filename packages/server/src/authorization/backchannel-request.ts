import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Seconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { type Asked, parseAsked } from './asked.ts'
import { REQUEST } from './parse.ts'
import type { RequestRules } from './rules.ts'

export const CIBA_GRANT = 'urn:openid:params:grant-type:ciba'

const HINTS = ['login_hint', 'login_hint_token', 'id_token_hint'] as const

/** An authentication request (CIBA Core §7.1), checked as far as it can be without looking anybody up. */
export interface BackchannelRequest extends Asked {
  readonly hint: { readonly kind: 'login_hint' | 'id_token_hint'; readonly value: string }
  readonly bindingMessage: string | undefined
  /** With ping; a client of poll may send one, and it is not looked at. */
  readonly notificationToken: string | undefined
  readonly requestedExpiry: Seconds | undefined
}

/** RFC 6750 §2.1, in the length that CIBA Core §7.1 allows. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{1,1023}=*$/
/** A line of letters, digits, punctuation and symbols: nothing that hides, breaks or turns the text round. */
const PLAIN = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u

export function parseBackchannelRequest(
  form: Form,
  client: Client,
  rules: RequestRules,
  witness?: Witness,
): BackchannelRequest | OAuthError {
  const tell = tellerOf(REQUEST, witness)
  const fault = firstRefusal(REQUEST, receivedChecks, { form, client }, witness)
  if (fault !== undefined) return fault
  const asked = parseAsked(form, client, rules, witness)
  if (asked instanceof OAuthError) return asked
  const other = tell('openid', 'CIBA-01', checkOpenid(asked))
  if (other !== undefined) return other
  const hint = tell('one hint', 'CIBA-02', hintOf(form))
  if (hint instanceof OAuthError) return hint
  const bindingMessage = tell('binding_message', 'CIBA-04', bindingMessageOf(form))
  if (bindingMessage instanceof OAuthError) return bindingMessage
  const notificationToken = tell('client_notification_token', 'CIBA-07', notificationTokenOf(form, client))
  if (notificationToken instanceof OAuthError) return notificationToken
  const requestedExpiry = tell('requested_expiry', 'CIBA-01', expiryOf(form))
  return requestedExpiry instanceof OAuthError ? requestedExpiry : { ...asked, hint, bindingMessage, notificationToken, requestedExpiry }
}

interface Received {
  readonly form: Form
  readonly client: Client
}

/** What would seem to be checked, and is not, is refused by name. */
const receivedChecks: readonly NamedCheck<Received, OAuthError>[] = [
  { name: 'client may ask', rule: 'CIBA-04', check: checkClient },
  { name: 'no request', rule: 'CIBA-01', check: checkNoRequest },
  { name: 'no user_code', rule: 'CIBA-04', check: checkNoUserCode },
  { name: 'no login_hint_token', rule: 'CIBA-02', check: checkNoHintToken },
]

function checkClient({ client }: Received): OAuthError | undefined {
  const may = client.grantTypes.includes(CIBA_GRANT) && client.backchannel !== undefined && client.tokenEndpointAuthMethod !== 'none'
  return may ? undefined : new OAuthError('unauthorized_client', `this client may not use grant_type ${CIBA_GRANT}`, { rule: 'CIBA-04' })
}

function checkNoRequest({ form }: Received): OAuthError | undefined {
  if (!form.has('request')) return undefined
  return new OAuthError('invalid_request', 'signed authentication requests are not supported (CIBA Core §7.1.1)', { rule: 'CIBA-01' })
}

function checkNoUserCode({ form }: Received): OAuthError | undefined {
  if (!form.has('user_code')) return undefined
  return new OAuthError('invalid_request', 'user_code is not supported: see backchannel_user_code_parameter_supported', {
    rule: 'CIBA-04',
  })
}

function checkNoHintToken({ form }: Received): OAuthError | undefined {
  if (!form.has('login_hint_token')) return undefined
  return new OAuthError('invalid_request', 'login_hint_token is not supported: send login_hint or id_token_hint', { rule: 'CIBA-02' })
}

function checkOpenid({ scopes }: Asked): OAuthError | undefined {
  return scopes.includes('openid')
    ? undefined
    : new OAuthError('invalid_scope', 'scope must have openid (CIBA Core §7.1)', { rule: 'CIBA-01' })
}

function bindingMessageOf(form: Form): string | OAuthError | undefined {
  const message = form.one('binding_message')
  if (message === undefined || (typeof message === 'string' && PLAIN.test(message))) return message
  return new OAuthError('invalid_binding_message', 'binding_message must be one line of at most 100 plain characters', {
    rule: 'CIBA-04',
  })
}

function hintOf(form: Form): BackchannelRequest['hint'] | OAuthError {
  const sent = HINTS.filter((name) => form.has(name))
  const [kind] = sent
  if (sent.length !== 1 || kind === undefined || kind === 'login_hint_token')
    return new OAuthError('invalid_request', 'send exactly one of login_hint and id_token_hint (CIBA Core §7.1)', { rule: 'CIBA-02' })
  const value = form.need(kind)
  return value instanceof OAuthError ? value : { kind, value }
}

function notificationTokenOf(form: Form, { backchannel }: Client): string | OAuthError | undefined {
  if (backchannel?.mode !== 'ping') return undefined
  const token = form.need('client_notification_token')
  if (token instanceof OAuthError || TOKEN.test(token)) return token
  return new OAuthError('invalid_request', 'client_notification_token must be a bearer token of at most 1024 characters (CIBA Core §7.1)', {
    rule: 'CIBA-07',
  })
}

function expiryOf(form: Form): Seconds | OAuthError | undefined {
  const sent = form.one('requested_expiry')
  if (sent === undefined || sent instanceof OAuthError) return sent
  return /^[1-9]\d{0,8}$/.test(sent)
    ? Number(sent)
    : new OAuthError('invalid_request', 'requested_expiry must be a whole number of seconds above 0 (CIBA Core §7.1)', { rule: 'CIBA-01' })
}
