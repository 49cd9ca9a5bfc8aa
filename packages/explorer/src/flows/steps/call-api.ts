import { call } from '../../client/call.ts'
import { unexpected } from '../../faults.ts'
import type { FlowStep } from '../../flow.ts'
import type { Scene } from '../../scene.ts'

/** With whatever token the run has. */
export function callApi(words: Partial<Pick<FlowStep, 'id' | 'title' | 'say'>> = {}, url?: (scene: Scene) => string | undefined): FlowStep {
  return {
    id: 'call',
    title: 'Call the API',
    say: 'The client shows the access token to the API, which checks it by itself and answers.',
    standard: 'RFC 6750 §2.1',
    ...words,
    async run(scene) {
      const bound = scene.hand.key !== undefined
      const answer = await call(scene, {
        title: bound ? 'The client calls the API, with token and proof' : 'The client calls the API, with the token',
        standard: bound ? 'RFC 9449 §7.1' : 'RFC 6750 §2.1',
        url: url?.(scene),
      })
      if (answer.status < 200 || answer.status > 299) throw unexpected('The call', answer.status, answer.body)
    },
  }
}

export const callWithProof: FlowStep = callApi({
  say: 'The client shows the access token and signs a proof for this very call. A copy of the token alone opens nothing.',
})
