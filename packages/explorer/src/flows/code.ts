import { firstMissing, type Flow, lacks, lacksApi, lacksEndpoint, lacksValue, lanesOf, NO_CLIENT } from '../flow.ts'
import { ask, authorize, push, reference } from './steps/authorize.ts'
import { callApi, callWithProof } from './steps/call-api.ts'
import { discover } from './steps/discover.ts'
import { redeem, refresh } from './steps/tokens.ts'

const lanes = lanesOf('This page, as the client')

/** The flow that everybody begins with, by a client that can keep no secret. */
export const codePkce: Flow = {
  id: 'code-pkce',
  title: 'Authorization code with PKCE',
  say: 'A person lets an application call an API for her. The tokens are bearer tokens: who has one can use it.',
  standards: ['OAuth 2.1 §4.1', 'RFC 7636', 'RFC 9207'],
  by: 'page',
  lanes,
  steps: [discover(), authorize((scene) => ask(scene)), redeem, callApi()],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.clientId, NO_CLIENT),
      lacksApi(world, metadata),
      lacksEndpoint(metadata, 'authorization_endpoint'),
      metadata?.['require_pushed_authorization_requests'] === true
        ? 'The server takes pushed requests only: pick the flow with PAR.'
        : undefined,
    ),
}

export const codePar: Flow = {
  id: 'code-par',
  title: 'Code with a pushed request (PAR)',
  say: 'The same, and what is asked for never passes the browser: nobody between can change it.',
  standards: ['OAuth 2.1 §4.1', 'RFC 9126', 'RFC 7636'],
  by: 'page',
  lanes,
  steps: [discover(), push(), authorize(reference), redeem, callApi()],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.clientId, NO_CLIENT),
      lacksApi(world, metadata),
      lacksEndpoint(metadata, 'pushed_authorization_request_endpoint'),
    ),
}

const missingForDpop: Flow['missing'] = (world, metadata) =>
  firstMissing(codePar.missing(world, metadata), lacksValue(metadata, 'dpop_signing_alg_values_supported', 'ES256'))

export const codeDpop: Flow = {
  id: 'code-dpop',
  title: 'Code with tokens bound to a key (DPoP)',
  say: 'Code and tokens are tied to a key that never leaves this page: a stolen copy is worth nothing without it. The request is pushed (PAR) here too.',
  standards: ['RFC 9449', 'RFC 9126', 'OAuth 2.1 §4.1'],
  by: 'page',
  lanes,
  steps: [discover(), push({ dpop: true }), authorize(reference), redeem, callWithProof],
  missing: missingForDpop,
}

export const refreshRotation: Flow = {
  id: 'refresh',
  title: 'Refresh, and rotation',
  say: 'New tokens without asking the person again. Each refresh token counts once, so a stolen one gives itself away.',
  standards: ['OAuth 2.1 §4.3', 'RFC 9449 §5', 'RFC 9700 §4.14'],
  by: 'page',
  lanes,
  steps: [discover(), push({ dpop: true }), authorize(reference), redeem, refresh, callWithProof],
  missing: (world, metadata) =>
    firstMissing(missingForDpop(world, metadata), lacksValue(metadata, 'grant_types_supported', 'refresh_token')),
}
