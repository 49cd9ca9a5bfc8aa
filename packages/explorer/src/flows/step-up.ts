import { call } from '../client/call.ts'
import { challengesOf } from '../client/proven.ts'
import { Fault, unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lanesOf } from '../flow.ts'
import { need } from '../hand.ts'
import type { Answer } from '../scene.ts'
import { codeDpop } from './code.ts'
import { ask, authorize, push, pushRequest, reference } from './steps/authorize.ts'
import { callApi } from './steps/call-api.ts'
import { discover } from './steps/discover.ts'
import { redeem } from './steps/tokens.ts'

/** How often the API is asked whether the sign-in has become too old, and how long, in milliseconds. */
const AGAIN = 2000
const LONGEST = 90_000

const REFUSAL = 'insufficient_user_authentication'

const challenged: FlowStep = {
  id: 'challenge',
  title: 'Ask for something that matters more',
  say: 'The token is good, and the API still says no: for this it wants a fresher or stronger sign-in, and it tells which. If the person has only just signed in, this waits until that is too long ago.',
  standard: 'RFC 9470 §3',
  async run(scene) {
    const ask = (): Promise<Answer> =>
      call(scene, { title: 'The client calls where more is needed', standard: 'RFC 9470 §3', url: scene.world.stepUp })
    let answer = await ask()
    const until = scene.stage.now() + LONGEST
    // She has just signed in, and the API may be content with that for a while. What it let pass is not what this step shows.
    while (answer.status === 200 && scene.stage.now() < until) {
      await scene.stage.wait(AGAIN, scene.signal)
      scene.drop(answer.exchange)
      answer = await ask()
    }
    const parameters = challengesOf(answer.headers)
    if (answer.status === 200)
      throw new Fault('The API lets this sign-in pass: it is fresh and strong enough.', 'Wait a minute, then begin a new run.')
    if (parameters['error'] !== REFUSAL) throw unexpected('The call', answer.status, answer.body)
    const { acr_values, max_age } = parameters
    scene.hand.demanded = { acr_values, max_age }
  },
}

const pushAgain: FlowStep = {
  id: 'push-again',
  title: 'Hand in a request for more',
  say: 'The client asks the server for what the API wanted, in the API’s own words.',
  standard: 'RFC 9470 §4',
  run: async (scene) => pushRequest(scene, await ask(scene, { dpop: true, more: need(scene.hand, 'demanded') })),
}

export const stepUp: Flow = {
  id: 'step-up',
  title: 'Step-up: the API wants a better sign-in',
  say: 'Not every call is worth the same. An API may ask for a sign-in that is newer or has a second factor, and the client gets it.',
  standards: ['RFC 9470', 'RFC 9449', 'RFC 9126'],
  by: 'page',
  lanes: lanesOf('This page, as the client'),
  steps: [
    discover(),
    push({ dpop: true }),
    authorize(reference),
    redeem,
    challenged,
    pushAgain,
    authorize(reference, {
      id: 'authorize-again',
      title: 'The person proves more',
      say: 'The server asks her for what is missing and for nothing else.',
    }),
    { ...redeem, id: 'redeem-again', title: 'Exchange the new code', say: 'The new token says when and how she signed in.' },
    callApi({ title: 'Call again', say: 'The same call with the new token. Now the API is content.' }, ({ world }) => world.stepUp),
  ],
  missing: (world, metadata) =>
    firstMissing(codeDpop.missing(world, metadata), lacks(world.stepUp, 'This world’s API has no address that wants a better sign-in.')),
}
