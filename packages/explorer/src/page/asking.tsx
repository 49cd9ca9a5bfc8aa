/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Question } from '../model.ts'

export interface AskingProps {
  readonly question: Question
  readonly answer: (text: string) => void
  readonly cancel: () => void
}

/** What an app of the operator's own asks the person, in the app itself. It goes to the server, and is kept nowhere. */
export function Asking({ question, answer, cancel }: AskingProps): VNode {
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const send = (event: Event): void => {
    event.preventDefault()
    if (text !== '') answer(text)
  }
  return (
    <section id="asking" class="notice of-waiting" aria-labelledby="asking-title">
      <h2 id="asking-title">The app asks</h2>
      <form onSubmit={send}>
        <div class="field">
          <label for="answer">{question.label}</label>
          <input
            id="answer"
            ref={field}
            {...(question.secret
              ? { type: 'password', autocomplete: 'current-password' }
              : { type: 'text', inputMode: 'numeric', autocomplete: 'one-time-code' })}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button primary" id="answer-send">
          Send
        </button>{' '}
        <button type="button" class="button" id="answer-not" onClick={cancel}>
          Do not answer
        </button>
      </form>
    </section>
  )
}
