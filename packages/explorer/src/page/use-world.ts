import { useEffect, useState } from 'preact/hooks'
import type { World } from '../model.ts'
import { answersFromQuery, checkAnswers, issuerProblem, worldFromAnswers, worldFromJson, type WorldAnswers } from './world.ts'

export type WorldState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'there'; readonly world: World }
  | { readonly kind: 'asked'; readonly answers: WorldAnswers; readonly problem: string | undefined }

export const NO_ANSWERS: WorldAnswers = { issuer: '', clientId: '', api: '', scope: '' }

export function redirectUri(): string {
  return new URL('callback.html', location.href.split(/[?#]/)[0]).href
}

/** What the address names comes first; then the file beside the page, which a server in development has; then the person is asked. */
async function load(): Promise<WorldState> {
  const answers = answersFromQuery(location.search)
  if (answers !== undefined) {
    if (Object.keys(checkAnswers(answers)).length > 0) return { kind: 'asked', answers, problem: undefined }
    const problem = await issuerProblem(answers.issuer, fetch)
    return problem === undefined ? { kind: 'there', world: worldFromAnswers(answers, redirectUri()) } : { kind: 'asked', answers, problem }
  }
  const response = await fetch('explorer.json', { credentials: 'omit' }).catch(() => undefined)
  const json: unknown = response?.ok === true ? await response.json().catch(() => undefined) : undefined
  const world = worldFromJson(json, redirectUri())
  return world === undefined ? { kind: 'asked', answers: NO_ANSWERS, problem: undefined } : { kind: 'there', world }
}

export function useWorld(): WorldState {
  const [state, setState] = useState<WorldState>({ kind: 'loading' })
  useEffect(() => void load().then(setState), [])
  return state
}
