import { post } from '../../client/post.ts'
import { textOf } from '../../encoding.ts'
import { unexpected } from '../../faults.ts'
import { endpoint, need } from '../../hand.ts'
import type { Scene } from '../../scene.ts'
import type { Parameters } from './authorize.ts'
import { takeTokens } from './tokens.ts'

export interface Poll {
  readonly title: string
  readonly standard: string
  readonly form: (scene: Scene) => Parameters
  /** Where the person acts, and what she does there. */
  readonly where: (scene: Scene) => { readonly url: string; readonly say: string }
}

/** Asks for tokens until the person has answered (RFC 8628 §3.5). Of the polls in vain the first is shown, and the last before the answer. */
export async function poll(scene: Scene, { title, standard, form, where }: Poll): Promise<void> {
  const { hand, stage } = scene
  hand.interval ??= 5
  let before: string | undefined
  scene.events.waiting(where(scene))
  try {
    for (let asked = 1; ; asked++) {
      const answer = await post(scene, {
        title: asked === 1 ? title : `${title} (${asked})`,
        standard,
        url: endpoint(hand, 'token_endpoint'),
        form: form(scene),
        key: hand.key,
      })
      const error = textOf(answer.body, 'error')
      if (error !== 'authorization_pending' && error !== 'slow_down') {
        if (answer.status !== 200) throw unexpected('The request', answer.status, answer.body)
        return await takeTokens(scene, answer, 'The request')
      }
      if (error === 'slow_down') hand.interval = need(hand, 'interval') + 5
      if (before !== undefined) scene.drop(before)
      if (asked > 1) before = answer.exchange
      await stage.wait(hand.interval * 1000, scene.signal)
    }
  } finally {
    scene.events.waiting(undefined)
  }
}
