import { post } from '../client/post.ts'
import { newSecret } from '../encoding.ts'
import { Fault, unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lacksApi, lacksEndpoint, lanesWithoutBrowser, NO_BACKEND } from '../flow.ts'
import { endpoint, need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import { callWithProof } from './steps/call-api.ts'
import { discoverAsBackend } from './steps/discover.ts'
import { poll } from './steps/poll.ts'

const CIBA = 'urn:openid:params:grant-type:ciba'

const start: FlowStep = {
  id: 'start',
  title: 'Ask for somebody by name',
  say: 'Somebody stands at a counter. The clerk’s program asks the server for her by name, and says a few words that she will see on her phone.',
  standard: 'CIBA Core §7.1',
  async run(scene) {
    const { hand, world } = scene
    if (world.username === undefined) throw new Fault('This world names nobody to ask for.', 'Give the world a username.')
    hand.key = await newSigningKey()
    hand.userCode = `Counter ${newSecret()
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(0, 5)}`
    const answer = await post(scene, {
      title: 'The program asks for the person',
      standard: 'CIBA Core §7.1',
      url: endpoint(hand, 'backchannel_authentication_endpoint'),
      form: {
        scope: ['openid', world.scope ?? ''].join(' ').trim(),
        resource: world.api,
        login_hint: world.username,
        binding_message: hand.userCode,
      },
    })
    const { auth_req_id: id, interval } = answer.body ?? {}
    if (answer.status !== 200 || typeof id !== 'string') throw unexpected('Asking for the person', answer.status, answer.body)
    hand.authReqId = id
    hand.interval = typeof interval === 'number' ? interval : 5
  },
}

const wait: FlowStep = {
  id: 'poll',
  title: 'Wait for her answer',
  say: 'She sees who asks, and the same words as at the counter, and allows it. The program keeps asking until she has.',
  standard: 'CIBA Core §10.1',
  run: (scene) =>
    poll(scene, {
      title: 'The program asks whether she has answered',
      standard: 'CIBA Core §10.1',
      form: ({ hand }) => ({ grant_type: CIBA, auth_req_id: need(hand, 'authReqId') }),
      where: ({ hand, world }) => ({
        url: `${world.issuer.replace(/\/$/, '')}/approve`,
        say: `Open this address as if on her phone, and allow the request that says “${need(hand, 'userCode')}”.`,
      }),
    }),
}

export const ciba: Flow = {
  id: 'ciba',
  title: 'Asking a person on her phone (CIBA)',
  say: 'The program that wants the token has no browser of the person before it. She allows it on a device of her own.',
  standards: ['CIBA Core', 'RFC 9449'],
  by: 'backend',
  lanes: lanesWithoutBrowser('The clerk’s program'),
  steps: [discoverAsBackend, start, wait, callWithProof],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.backend, NO_BACKEND),
      lacksApi(world, metadata),
      lacks(world.username, 'This world names nobody to ask for.'),
      lacksEndpoint(metadata, 'backchannel_authentication_endpoint'),
    ),
}
