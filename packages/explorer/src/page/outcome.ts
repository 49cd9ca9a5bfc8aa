import type { Finding } from '@holdfast/protocol/witness'
import type { Exchange, Message, ReceivedResponse } from '../model.ts'

/** `again`: the receiver asks to come back, which is part of the flow and no fault. */
export type Outcome = 'passed' | 'refused' | 'again' | 'no answer'

const COME_BACK: readonly string[] = [
  'use_dpop_nonce',
  'use_attestation_challenge',
  'authorization_pending',
  'slow_down',
  'insufficient_authorization',
  'insufficient_user_authentication',
]

export function outcomeOf(exchange: Exchange): Outcome {
  if (exchange.response === undefined) return exchange.oneWay === true ? 'passed' : 'no answer'
  const code = errorCode(exchange)
  if (code === undefined ? isInvitation(exchange) : COME_BACK.includes(code)) return 'again'
  if (saysNobody(exchange.response)) return 'passed'
  const refused = exchange.response.status >= 400 || (exchange.findings ?? []).some((finding) => finding.refused !== undefined)
  return refused || code !== undefined ? 'refused' : 'passed'
}

/** That nobody is signed in is an answer to who asks whether somebody is: a session is missing, and nothing was refused. */
function saysNobody({ status, body }: ReceivedResponse): boolean {
  return status === 200 && body.startsWith('{"active":false,"login_url":')
}

/** RFC 6750 §3.1: who knocks without a token is told how to come back, and no error. */
function isInvitation({ request, response, thief }: Exchange): boolean {
  const has = (headers: Message['headers'], wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted)
  return thief !== true && response?.status === 401 && has(response.headers, 'www-authenticate') && !has(request.headers, 'authorization')
}

/** The standards' error code, from where they let it stand: the body, the challenge, or the redirect back to the client. */
export function errorCode({ response }: Exchange): string | undefined {
  if (response === undefined) return undefined
  const fromBody = /^\s*\{/.test(response.body) ? /"error"\s*:\s*"([^"]+)"/.exec(response.body)?.[1] : undefined
  if (fromBody !== undefined) return fromBody
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase()
    if (lower === 'www-authenticate') {
      const code = /\berror="([^"]+)"/.exec(value)?.[1]
      if (code !== undefined) return code
    }
    if (lower === 'location') {
      const code = /[?#&]error=([^&#]+)/.exec(value)?.[1]
      if (code !== undefined) return code
    }
  }
  return undefined
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  302: 'Found',
  303: 'See Other',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Such as `201 Created` or `400 invalid_grant`; empty where no answer belongs to it. */
export function statusLine(exchange: Exchange): string {
  if (exchange.response === undefined) return exchange.oneWay === true ? '' : 'No answer'
  const { status } = exchange.response
  return `${status} ${errorCode(exchange) ?? REASONS[status] ?? ''}`.trim()
}

/** The outcome and the answer together, in words. */
export function answerLine(exchange: Exchange): string {
  if (exchange.response === undefined) return exchange.oneWay === true ? 'Arrived' : 'No answer'
  return `${OUTCOME_WORDS[outcomeOf(exchange)]}: ${statusLine(exchange)}`
}

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  passed: 'Passed',
  refused: 'Refused',
  again: 'Asked to come back',
  'no answer': 'No answer',
}

/** How many checks passed and which refused, in a few words; empty where the receiver does not tell. */
export function checksLine(findings: readonly Finding[] | undefined): string {
  if (findings === undefined || findings.length === 0) return ''
  const refused = findings.filter((finding) => finding.refused !== undefined)
  const passed = findings.length - refused.length
  const first = refused[0]
  const told = `${passed} ${passed === 1 ? 'check' : 'checks'} passed`
  return first === undefined ? told : `${told}, refused at ${first.about}: ${first.check}`
}

/** A name that nobody made up to be read, such as the id of an interaction: it would fill a line, and be read out letter by letter. */
const LONG = /[^/]{32,}/g

/** `/par` of a URL; what is no URL stays as it is. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  const path = pathname.replaceAll(LONG, (name) => `${name.slice(0, 6)}…`)
  return search === '' ? path : `${path}?…`
}
