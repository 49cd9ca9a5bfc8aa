/** @jsxImportSource preact */
import type { TargetedInputEvent, VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Question } from '../model.ts'

export interface AskingProps {
  readonly question: Question
  readonly answer: (text: string) => void
  readonly giveUp: () => void
}

/** The page itself asks, as a first-party app does. What is typed goes to the run, and is forgotten here. */
export function Asking({ question, answer, giveUp }: AskingProps): VNode {
  const [text, setText] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    if (text === '') return
    answer(text)
    setText('')
  }
  const field = {
    id: 'answer',
    autocomplete: question.name === 'otp' ? 'one-time-code' : 'off',
    autocapitalize: 'none',
    spellcheck: false,
    value: text,
    onInput: (event: TargetedInputEvent<HTMLInputElement>): void => setText(event.currentTarget.value),
  } as const
  return (
    <section id="asking" class="notice of-waiting" aria-labelledby="asking-title">
      <h2 id="asking-title">Your turn</h2>
      <form onSubmit={submit}>
        <label for="answer">{question.label}</label>
        {question.secret ? <input type="password" {...field} /> : <input type="text" {...field} />}
        <p class="buttons">
          <button type="submit" class="button primary" id="answer-go">
            Send it
          </button>
          <button type="button" class="button" id="asking-give-up" onClick={giveUp}>
            Give up
          </button>
        </p>
      </form>
    </section>
  )
}
