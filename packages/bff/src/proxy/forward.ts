import { json, type Reply, type StreamedReply } from '@holdfast/protocol/http'
import { withCookies } from '../replies.ts'
import type { Credential, CredentialAnswer } from '../credential.ts'
import { type Errand, UNTIL_NEXT_PROOF } from './errand.ts'
import { type Refusal, RETRIED_HEADER, refusalOf, refusalReply } from './refusals.ts'
import { requestHeaders } from './request-headers.ts'
import { responseHeaders } from './response-headers.ts'
import { type Attempt, send } from './send.ts'

/** Sends a request to its API, again where a token or a nonce was the fault, and hands the answer on. */
export async function forward(errand: Errand): Promise<Reply | StreamedReply> {
  const { request, route, options, body } = errand
  const setCookie: string[] = []
  const found = await options.credentialFor(request, route.api, false)
  const first = noted(found, setCookie)
  if (first.kind === 'refused') return unsent(errand, first.reply)
  const headers = requestHeaders(request, route, options.publicUrl, body.content !== null)
  if (!(headers instanceof Headers)) return unsent(errand, withCookies(headers, setCookie))
  let credential = credentialOf(first)
  let [renewed, renonced, reproved] = [false, false, false]
  for (;;) {
    const attempt = await send(errand, headers, credential)
    if (attempt.kind === 'failed') return withCookies(attempt.reply, setCookie)
    const { response } = attempt
    const refusal = refusalOf(response)
    const asksForNonce = credential?.learn(response) === true
    if (asksForNonce && !renonced) {
      renonced = true
      attempt.abandon()
      if (!body.replayable) return withCookies(tryAgain(), setCookie)
      continue
    }
    if (refusal?.error === 'invalid_token' && credential !== undefined && !renewed) {
      renewed = true
      attempt.abandon()
      const next = noted(await options.credentialFor(request, route.api, true), setCookie)
      if (next.kind === 'refused') return withCookies(next.reply, setCookie)
      if (!body.replayable) return withCookies(tryAgain(), setCookie)
      credential = credentialOf(next)
      continue
    }
    if (refusal?.error === 'invalid_dpop_proof' && credential !== undefined && !reproved && body.replayable) {
      reproved = true
      attempt.abandon()
      await options.sleep(UNTIL_NEXT_PROOF)
      continue
    }
    return refusal === undefined ? handOn(errand, attempt, setCookie) : refuse(errand, attempt, refusal, setCookie)
  }
}

/** A body that goes nowhere is given back: on some platforms its sender would wait. */
function unsent({ body: { content } }: Errand, reply: Reply): Reply {
  if (content instanceof ReadableStream) content.cancel().catch(() => {})
  return reply
}

function noted(answer: CredentialAnswer, setCookie: string[]): CredentialAnswer {
  if (answer.kind === 'credential') setCookie.push(...answer.setCookie)
  return answer
}

function credentialOf(answer: CredentialAnswer): Credential | undefined {
  return answer.kind === 'credential' ? answer.credential : undefined
}

function handOn({ url, route, table, options }: Errand, attempt: Attempt, setCookie: readonly string[]): Reply | StreamedReply {
  const { response } = attempt
  const headers = responseHeaders(response, url, route, table, setCookie)
  if (headers instanceof Error || response.status === 407) {
    attempt.abandon()
    options.onEvent({
      type: 'api.answer_refused',
      api: route.path,
      status: response.status,
      ...(headers instanceof Error && { detail: headers.message }),
    })
    return withCookies(json(502, { error: 'bad_gateway' }), setCookie)
  }
  if (response.body === null) return { status: response.status, headers, body: '' }
  return { status: response.status, headers, body: response.body }
}

function refuse({ request, route, options }: Errand, attempt: Attempt, refusal: Refusal, setCookie: readonly string[]): Reply {
  attempt.abandon()
  options.onEvent({ type: 'api.token_refused', api: route.path, error: refusal.error })
  return withCookies(refusalReply(refusal, route, options.loginUrl, request.headers(RETRIED_HEADER).length > 0), setCookie)
}

/** What was refused can be sent again by the page alone: we have not kept it. By now the nonce or the token is another. */
function tryAgain(): Reply {
  return json(
    503,
    { error: 'temporarily_unavailable', error_description: 'send the request again: its body was too large to keep' },
    { 'retry-after': '1' },
  )
}
