/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { AttackResult } from '../model.ts'
import { MarkIcon } from './marks.tsx'
import type { ToldAttack } from './ports.ts'
import { linkTo } from './route.ts'

export interface ResultProps {
  readonly told: ToldAttack
  readonly result: AttackResult
}

/** In the card of the attack, with the way to the message that decided. */
export function Result({ told, result, flow }: ResultProps & { readonly flow: string }): VNode {
  return (
    <div class={boxOf('result', result)} id={`result-${told.id}`}>
      <Words told={told} result={result} />
      {result.exchange !== '' && (
        <a class="result-link" href={linkTo(flow, result.exchange)}>
          See the message that decided
        </a>
      )}
    </div>
  )
}

/** The same at the message that decided: who looks there must not look for it elsewhere. */
export function Ruling({ told, result }: ResultProps): VNode {
  return (
    <div class={boxOf('ruling', result)} id="ruling">
      <p class="over">{told.title}</p>
      <Words told={told} result={result} />
    </div>
  )
}

function boxOf(name: string, { verdict }: AttackResult): string {
  return verdict === 'no answer' ? name : `${name} ${verdict}`
}

/** Refused by no check and by no answer: what he sent did not count. */
export function gotNothing({ told, result }: ResultProps): boolean {
  return result.verdict === 'refused' && result.caught === undefined && told.check === undefined
}

function Words({ told, result }: ResultProps): VNode {
  const { caught, say } = result
  if (result.verdict === 'won')
    return (
      <>
        <p class="result-title">
          <strong>The thief got in.</strong>{' '}
          {told.check === undefined ? 'No check of this flow stands in the way.' : 'This server did not stop it.'}
        </p>
        {say !== undefined && <p>{say}</p>}
        {told.check !== undefined && (
          <p>
            The check that should have refused: {told.check.about}, <strong>{told.check.check}</strong>.
          </p>
        )}
        <p>
          <strong>What that means:</strong> {told.without}
        </p>
      </>
    )
  if (result.verdict === 'no answer')
    return (
      <>
        <p class="result-title">
          <MarkIcon outcome="no answer" /> No answer came, so nothing is shown by it.
        </p>
        {say !== undefined && <p>{say}</p>}
      </>
    )
  const nothing = gotNothing({ told, result })
  return (
    <>
      <p class="result-title">
        <MarkIcon outcome="passed" /> <strong>{nothing ? 'The thief got nothing.' : 'The thief was refused.'}</strong>
      </p>
      {caught === undefined ? (
        <p>
          {say ?? 'The receiver does not tell which check it was.'}
          {told.check !== undefined && ` The one to expect is ${told.check.about}: ${told.check.check}.`}
        </p>
      ) : (
        <p>
          Caught by {caught.about}: <strong>{caught.check}</strong> <span class="section">{caught.rule}</span>
          {caught.refused !== undefined && <span class="why">“{caught.refused}”</span>}
        </p>
      )}
      {caught !== undefined && say !== undefined && <p>{say}</p>}
      <p class="without">
        <strong>{nothing ? 'Another server:' : 'A server without this check:'}</strong> {told.without}
      </p>
    </>
  )
}
