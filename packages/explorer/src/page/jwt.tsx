/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useContext, useEffect, useMemo, useState } from 'preact/hooks'
import { ReadingContext } from './context.ts'
import { Explained } from './explained.tsx'
import { shown } from './message-parts.ts'
import { asMoment } from './moment.ts'
import type { Construction, Jwt, Place } from './ports.ts'
import { JwtText, Value } from './value.tsx'

/** Within a row: closed, since the row says already what it is for. */
export function JwtBlock({ text }: { readonly text: string }): VNode | null {
  const { engine } = useContext(ReadingContext)
  const jwt = useMemo(() => engine.dissect(text), [engine, text])
  if (jwt === undefined) return null
  return (
    <details class="jwt">
      <summary>Take apart: {jwt.kind}</summary>
      <JwtParts jwt={jwt} />
    </details>
  )
}

/** Each part has its name, its colour and its edge. */
export function JwtParts({ jwt, heading: Heading = 'h4' }: { readonly jwt: Jwt; readonly heading?: 'h3' | 'h4' }): VNode {
  return (
    <div class="jwt-parts">
      <div class="jwt-part of-header">
        <Heading>Header</Heading>
        <Claims place="jwt header" claims={jwt.header} kind={jwt.kind} />
      </div>
      <div class="jwt-part of-payload">
        <Heading>Payload</Heading>
        {jwt.payload === undefined ? (
          <p class="quiet">It is encrypted, or no JSON: this page cannot read it.</p>
        ) : (
          <Claims place="claim" claims={jwt.payload} kind={jwt.kind} />
        )}
      </div>
      {jwt.signingInput !== '' && <Signed jwt={jwt} heading={Heading} />}
      <HowMade jwt={jwt} />
    </div>
  )
}

/** Of one that is encrypted there is none to see. */
function Signed({ jwt, heading: Heading }: { readonly jwt: Jwt; readonly heading: 'h3' | 'h4' }): VNode {
  return (
    <>
      <div class="jwt-part of-input">
        <Heading>Signing input</Heading>
        <p class="quiet">
          {jwt.signature === ''
            ? 'These bytes would be signed: header, a dot, payload.'
            : 'Exactly these bytes are signed: the header, a dot, the payload. Change one, and the signature is wrong.'}
        </p>
        <JwtText jwt={jwt.signingInput} />
      </div>
      <div class="jwt-part of-signature">
        <Heading>Signature</Heading>
        {jwt.signature === '' ? (
          <p class="quiet">It has none.</p>
        ) : (
          <>
            {jwt.signer !== undefined && <p>{jwt.signer}</p>}
            <code class="value jwt-text">
              <span class="jwt-signature">{jwt.signature}</span>
            </code>
          </>
        )}
      </div>
    </>
  )
}

interface ClaimsProps {
  readonly place: Place
  readonly claims: Readonly<Record<string, unknown>>
  readonly kind: Jwt['kind']
}

function Claims({ place, claims, kind }: ClaimsProps): VNode {
  const { engine } = useContext(ReadingContext)
  return (
    <dl>
      {Object.entries(claims).map(([name, value]) => {
        const moment = asMoment(name, value)
        return (
          <div>
            <dt>{name}</dt>
            <dd>
              <Value text={shown(value)} />
              {moment !== undefined && <span class="moment"> {moment}</span>}
              <Explained explanation={engine.explain(place, name, kind)} />
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function HowMade({ jwt }: { readonly jwt: Jwt }): VNode | null {
  const [steps, setSteps] = useState<readonly Construction[]>([])
  useEffect(() => {
    let late = false
    void jwt.construction().then((made) => late || setSteps(made))
    return () => void (late = true)
  }, [jwt])
  if (steps.length === 0) return null
  return (
    <details class="made">
      <summary>How it was made, in {steps.length} steps</summary>
      <ol>
        {steps.map((step) => (
          <li>
            <strong>{step.title}</strong>
            <span class="explained">{step.say}</span>
            {step.text !== '' && <pre>{step.text}</pre>}
          </li>
        ))}
      </ol>
    </details>
  )
}
