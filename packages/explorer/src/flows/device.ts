import { post } from '../client/post.ts'
import { textOf } from '../encoding.ts'
import { unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lacksApi, lacksEndpoint, lanesOf } from '../flow.ts'
import { endpoint, need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import { callWithProof } from './steps/call-api.ts'
import { discover } from './steps/discover.ts'
import { poll } from './steps/poll.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

const start: FlowStep = {
  id: 'start',
  title: 'The device asks for a code',
  say: 'A television has no keyboard worth the name. It asks the server for a short code that a person can type elsewhere.',
  standard: 'RFC 8628 §3.1',
  async run(scene) {
    const { hand, world } = scene
    hand.key = await newSigningKey()
    const answer = await post(scene, {
      title: 'The device asks for its codes',
      standard: 'RFC 8628 §3.1',
      url: endpoint(hand, 'device_authorization_endpoint'),
      form: { scope: world.scope, resource: world.api },
    })
    const { device_code: code, user_code: user, interval } = answer.body ?? {}
    if (answer.status !== 200 || typeof code !== 'string' || typeof user !== 'string')
      throw unexpected('Asking for a code', answer.status, answer.body)
    hand.deviceCode = code
    hand.userCode = user
    hand.interval = typeof interval === 'number' ? interval : 5
    hand.authorizationUrl = textOf(answer.body, 'verification_uri_complete') ?? textOf(answer.body, 'verification_uri') ?? world.issuer
  },
}

const wait: FlowStep = {
  id: 'poll',
  title: 'The device waits for the person',
  say: 'She opens the address on her phone, compares the code and allows it. The device keeps asking until she has.',
  standard: 'RFC 8628 §3.4',
  run: (scene) =>
    poll(scene, {
      title: 'The device asks whether she has answered',
      standard: 'RFC 8628 §3.4',
      form: ({ hand }) => ({ grant_type: DEVICE_CODE, device_code: need(hand, 'deviceCode') }),
      where: ({ hand }) => ({
        url: need(hand, 'authorizationUrl'),
        say: `Open this address as if on your phone, and enter the code ${need(hand, 'userCode')}.`,
      }),
    }),
}

export const device: Flow = {
  id: 'device',
  title: 'A device without a keyboard',
  say: 'The person signs in on her phone, and the television gets the tokens.',
  standards: ['RFC 8628', 'RFC 9449'],
  by: 'page',
  lanes: lanesOf('This page, as a television').filter(({ id }) => id !== 'browser'),
  steps: [discover(({ deviceClientId }) => deviceClientId), start, wait, callWithProof],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.deviceClientId, 'This world has no client for the device grant.'),
      lacksApi(world, metadata),
      lacksEndpoint(metadata, 'device_authorization_endpoint'),
    ),
}
