import { post } from '../client/post.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lacksApi, lacksValue, lanesOf, lanesWithoutBrowser, NO_BACKEND } from '../flow.ts'
import { endpoint, need } from '../hand.ts'
import { newSigningKey } from '../keys.ts'
import { ask, authorize, pushRequest, reference } from './steps/authorize.ts'
import { callWithProof } from './steps/call-api.ts'
import { discoverAsBackend } from './steps/discover.ts'
import { redeem, takeTokens } from './steps/tokens.ts'

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const token: FlowStep = {
  id: 'token',
  title: 'Ask for a token of its own',
  say: 'No person is there. The program proves who it is by a JWT that it signs with its key, and gets a token for itself.',
  standard: 'OAuth 2.1 §4.2',
  async run(scene) {
    const { hand, world } = scene
    hand.key = await newSigningKey()
    const answer = await post(scene, {
      title: 'The program asks for a token',
      standard: 'OAuth 2.1 §4.2.1',
      url: endpoint(hand, 'token_endpoint'),
      form: { grant_type: 'client_credentials', scope: world.scope, resource: world.api },
      key: hand.key,
    })
    await takeTokens(scene, answer, 'Asking for a token')
  },
}

export const clientCredentials: Flow = {
  id: 'client-credentials',
  title: 'A program for itself',
  say: 'A program calls an API in its own name, at night and without anybody.',
  standards: ['OAuth 2.1 §4.2', 'RFC 7523', 'RFC 9449'],
  by: 'backend',
  lanes: lanesWithoutBrowser('A program in the back end'),
  steps: [discoverAsBackend, token, callWithProof],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.backend, NO_BACKEND),
      lacks(world.api, 'This world has no API that a program could call for itself.'),
      lacksValue(metadata, 'grant_types_supported', 'client_credentials'),
    ),
}

const exchange: FlowStep = {
  id: 'exchange',
  title: 'Exchange the token for a smaller one',
  say: 'Before the client hands work on, it exchanges its token for one that can do less and lives no longer. What it gives away cannot do more than it has to.',
  standard: 'RFC 8693 §2.1',
  async run(scene) {
    const { hand, world } = scene
    const { access } = need(hand, 'tokens')
    hand.subjectToken = access
    const answer = await post(scene, {
      title: 'The client exchanges its token',
      standard: 'RFC 8693 §2.1',
      url: endpoint(hand, 'token_endpoint'),
      form: {
        grant_type: TOKEN_EXCHANGE,
        subject_token: access,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        scope: world.scope,
        resource: world.api,
      },
      key: hand.key,
    })
    await takeTokens(scene, answer, 'The exchange')
  },
}

const push: FlowStep = {
  id: 'push',
  title: 'Hand in the request',
  say: 'The client proves who it is by a signed JWT, and hands in what it asks for.',
  standard: 'RFC 9126 §2',
  run: async (scene) => pushRequest(scene, await ask(scene, { dpop: true })),
}

export const tokenExchange: Flow = {
  id: 'token-exchange',
  title: 'Token exchange',
  say: 'A token for a person becomes another, smaller one for the next in the chain. It says who acts for whom.',
  standards: ['RFC 8693', 'RFC 9449'],
  by: 'backend',
  lanes: lanesOf('The example’s back end'),
  steps: [discoverAsBackend, push, authorize(reference), redeem, exchange, callWithProof],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.backend, NO_BACKEND),
      lacksApi(world, metadata),
      lacksValue(metadata, 'grant_types_supported', TOKEN_EXCHANGE),
    ),
}
