import { firstMissing, type Flow, type FlowStep, lacks, lacksApi, lacksValue, lanesOf, NO_BACKEND } from '../flow.ts'
import { Fault } from '../faults.ts'
import { need } from '../hand.ts'
import { clientIdOf } from '../client/post.ts'
import type { Scene } from '../scene.ts'
import { ask, authorize, type Parameters } from './steps/authorize.ts'
import { callWithProof } from './steps/call-api.ts'
import { discoverAsBackend } from './steps/discover.ts'
import { redeem } from './steps/tokens.ts'

const sign: FlowStep = {
  id: 'sign',
  title: 'Sign the request',
  say: 'The client puts its whole request into a JWT and signs it. Whoever changes a letter on the way breaks the signature.',
  standard: 'RFC 9101 §4',
  run: async (scene) => void (await ask(scene, { dpop: true, more: { response_mode: 'jwt' } })),
}

/** RFC 9101 §5: `client_id` stands outside too, so that the server knows by whose keys to check. */
export async function signedRequest(scene: Scene): Promise<Parameters> {
  const { client } = scene.stage
  if (client === undefined) throw new Fault('This page has no key to sign with.', NO_BACKEND)
  return { client_id: clientIdOf(scene), request: await client.signRequestObject(need(scene.hand, 'request')) }
}

export const signedMessages: Flow = {
  id: 'jar-jarm',
  title: 'Signed request and signed answer (JAR, JARM)',
  say: 'Both messages that pass the browser are signed, so that neither can be changed or exchanged there, and each can be shown to a judge.',
  standards: ['RFC 9101', 'JARM', 'FAPI 2.0 Message Signing'],
  by: 'backend',
  lanes: lanesOf('The example’s back end'),
  steps: [
    discoverAsBackend,
    sign,
    authorize(signedRequest, { say: 'The browser carries the signed request to the server, and brings a signed answer back.' }),
    redeem,
    callWithProof,
  ],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.backend, NO_BACKEND),
      lacksApi(world, metadata),
      lacksValue(metadata, 'response_modes_supported', 'jwt'),
      metadata === undefined || metadata['request_parameter_supported'] === true ? undefined : 'The server takes no signed requests.',
    ),
}
