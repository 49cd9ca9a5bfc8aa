import { post } from '../client/post.ts'
import { newSecret, textOf } from '../encoding.ts'
import { Fault, unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lacksApi, lacksEndpoint, lanesWithoutBrowser } from '../flow.ts'
import { endpoint, need } from '../hand.ts'
import { newPkce, newSigningKey } from '../keys.ts'
import type { Answer, Scene } from '../scene.ts'
import type { Parameters } from './steps/authorize.ts'
import { callWithProof } from './steps/call-api.ts'
import { discover } from './steps/discover.ts'
import { redeem } from './steps/tokens.ts'

const STANDARD = 'OAuth for First-Party Applications §5'

const begin: FlowStep = {
  id: 'start',
  title: 'Begin without a browser',
  say: 'The operator’s own app asks the server directly. The server says what it wants to know first.',
  standard: STANDARD,
  async run(scene) {
    const { hand, world } = scene
    hand.key = await newSigningKey()
    hand.pkce = await newPkce()
    hand.nonce = newSecret()
    hand.request = {
      response_type: 'code',
      scope: ['openid', world.scope ?? ''].join(' ').trim(),
      resource: world.api,
      nonce: hand.nonce,
      code_challenge: hand.pkce.challenge,
      code_challenge_method: 'S256',
    }
    const answer = await challenge(scene, 'The app begins', { ...hand.request, login_hint: world.username })
    if (textOf(answer.body, 'error') !== 'insufficient_authorization') throw unexpected('Beginning', answer.status, answer.body)
  },
}

const prove: FlowStep = {
  id: 'prove',
  title: 'The person proves who she is, in the app',
  say: 'She types her password, and a one-time code where she has that, into the app itself. Only an app of the server’s own operator may ever ask for them.',
  standard: STANDARD,
  async run(scene) {
    let answer = await challenge(scene, 'The app sends the password', {
      password: await scene.events.asking({ name: 'password', label: passwordLabel(scene), secret: true }),
    })
    const next = answer.body?.['next']
    if (Array.isArray(next) && next.includes('otp'))
      answer = await challenge(scene, 'The app sends the one-time code', {
        otp: await scene.events.asking({ name: 'otp', label: 'The one-time code', secret: false }),
      })
    const code = textOf(answer.body, 'authorization_code')
    if (textOf(answer.body, 'error') === 'redirect_to_web')
      throw new Fault('The server wants her to go on in a browser.', 'Pick a flow with a browser.')
    if (code === undefined) throw unexpected('The sign-in', answer.status, answer.body)
    scene.hand.code = code
  },
}

function passwordLabel({ world: { username } }: Scene): string {
  return username === undefined ? 'The password' : `The password of ${username}`
}

/** Each answer may replace the `auth_session` (§5.3.1). */
async function challenge(scene: Scene, title: string, form: Parameters): Promise<Answer> {
  const { hand } = scene
  const answer = await post(scene, {
    title,
    standard: `${STANDARD}.1`,
    url: endpoint(hand, 'authorization_challenge_endpoint'),
    form: { ...form, auth_session: hand.authSession },
    key: need(hand, 'key'),
  })
  const session = textOf(answer.body, 'auth_session')
  if (session !== undefined) hand.authSession = session
  return answer
}

export const firstParty: Flow = {
  id: 'first-party',
  title: 'An app of the operator’s own',
  say: 'Sign-in in the app itself, without a browser window. For the operator’s own apps alone.',
  standards: ['OAuth for First-Party Applications', 'RFC 9449'],
  // No page may read what the endpoint answers (§9.8): this is for apps.
  by: 'backend',
  lanes: lanesWithoutBrowser('The app, played by the back end'),
  steps: [discover(({ firstPartyClientId }) => firstPartyClientId), begin, prove, redeem, callWithProof],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.backend, 'No page may use this endpoint: start the example’s back end, which plays the app.'),
      lacks(world.firstPartyClientId, 'This world has no first-party app.'),
      lacksApi(world, metadata),
      lacksEndpoint(metadata, 'authorization_challenge_endpoint'),
    ),
}
