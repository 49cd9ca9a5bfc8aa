/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useContext } from 'preact/hooks'
import type { Exchange, ReceivedResponse } from '../model.ts'
import { ReadingContext } from './context.ts'
import { Fields } from './fields.tsx'
import { JwtBlock } from './jwt.tsx'
import { type Body, bodyOf, headerFields, queryFields, redirectFields } from './message-parts.ts'
import { outcomeOf, statusLine } from './outcome.ts'
import { MarkIcon } from './marks.tsx'
import { JwtText, Value } from './value.tsx'

export function Sent({ exchange }: { readonly exchange: Exchange }): VNode {
  const { request, front } = exchange
  const { engine } = useContext(ReadingContext)
  const curl = engine.curl(exchange)
  return (
    <>
      <p class="line">
        <strong>{request.method}</strong> <Value text={request.url.split('?')[0] ?? ''} />
      </p>
      {front && <p class="quiet">{wayOf(exchange)}</p>}
      <Fields title="Query" fields={queryFields(request.url)} />
      <Fields title="Headers" fields={headerFields('request', request)} none="The browser does not let a page read these headers." />
      <BodyPart body={bodyOf('request', request)} />
      {curl !== '' && !front && (
        <details class="raw">
          <summary>As curl</summary>
          <pre>{curl}</pre>
        </details>
      )}
    </>
  )
}

function wayOf({ from, to, response, thief }: Exchange): string {
  if (from !== 'browser') return 'This page did not send it. What you see is what its receiver saw of it, without secrets.'
  if (to === 'client' && response === undefined && thief === true)
    return 'This is what the thief’s link brings to the client, and the client’s own check looked at it.'
  if (to === 'client' && response === undefined) return 'Your browser came back to this page with it.'
  return response === undefined
    ? 'Your browser went there itself. The server does not tell what it saw: the address is all there is.'
    : 'Your browser went there itself. What you see is what the server saw of it, without secrets.'
}

export function Came({ exchange }: { readonly exchange: Exchange }): VNode {
  const { response, took, oneWay } = exchange
  if (response === undefined)
    return <p>{oneWay === true ? 'The browser came here by itself, and what it got is no part of the protocol.' : 'No answer came.'}</p>
  return (
    <>
      <p class="line status">
        <MarkIcon outcome={outcomeOf(exchange)} />
        <strong>{statusLine(exchange)}</strong>
        <span class="quiet">after {Math.round(took)} ms</span>
      </p>
      <BodyPart body={bodyOf('response', response)} />
      <RedirectPart response={response} />
      <Fields title="Headers" fields={headerFields('response', response)} none="The browser does not let a page read these headers." />
    </>
  )
}

function RedirectPart({ response }: { readonly response: ReceivedResponse }): VNode | null {
  return <Fields title="In the redirect" fields={redirectFields(response)} />
}

function BodyPart({ body }: { readonly body: Body }): VNode | null {
  if (body.kind === 'none') return null
  if (body.kind === 'form') return <Fields title="Form" fields={body.fields} />
  if (body.kind === 'json')
    return (
      <>
        <Fields title="JSON" fields={body.fields} />
        <details class="raw" open={body.fields.length === 0}>
          <summary>The whole JSON</summary>
          <pre>{body.pretty}</pre>
        </details>
      </>
    )
  return (
    <section class="fields">
      <h3>Body</h3>
      {body.jwt === undefined ? <pre>{body.text}</pre> : <JwtText jwt={body.jwt} />}
      {body.jwt !== undefined && <JwtBlock text={body.jwt} />}
    </section>
  )
}
