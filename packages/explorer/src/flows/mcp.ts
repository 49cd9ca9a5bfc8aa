import { call } from '../client/call.ts'
import { challengesOf } from '../client/proven.ts'
import { textOf } from '../encoding.ts'
import { Fault, unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lanesOf } from '../flow.ts'
import { endpoint, need } from '../hand.ts'
import { insertedWellKnown } from '@holdfast/protocol/metadata'
import { ask, authorize } from './steps/authorize.ts'
import { readMetadata } from './steps/discover.ts'
import { redeem } from './steps/tokens.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'flow explorer', version: '1' } },
}
const ACCEPT = { accept: 'application/json, text/event-stream' }

const knock: FlowStep = {
  id: 'knock',
  title: 'Knock without a token',
  say: 'The client knows nothing but the address of the MCP server. It knocks, and is told where to read on.',
  standard: 'RFC 9728 §5.1',
  async run(scene) {
    const { hand, world } = scene
    hand.resource = world.mcp ?? need(hand, 'resource')
    const answer = await scene.send({
      title: 'The client knocks at the MCP server',
      standard: 'MCP Authorization',
      to: 'api',
      url: hand.resource,
      headers: ACCEPT,
      json: INITIALIZE,
    })
    if (answer.status !== 401) throw unexpected('Knocking', answer.status, answer.body)
    // RFC 9728 §5.1 names the document; without the header it is where §3.1 puts it.
    const { resource_metadata: told, scope } = challengesOf(answer.headers)
    if (scope !== undefined) hand.scope = scope
    scene.hand.requestUri = told ?? insertedWellKnown(hand.resource, 'oauth-protected-resource')
  },
}

const readResource: FlowStep = {
  id: 'resource',
  title: 'Read whom the server trusts',
  say: 'The MCP server’s own metadata names the authorization server, and what the token must be for.',
  standard: 'RFC 9728 §3',
  async run(scene) {
    const { hand } = scene
    const answer = await scene.send({
      title: 'The client reads the MCP server’s metadata',
      standard: 'RFC 9728 §3',
      to: 'api',
      url: need(hand, 'requestUri'),
    })
    if (answer.status !== 200) throw unexpected('Reading the metadata', answer.status, answer.body)
    const told = textOf(answer.body, 'resource')
    // RFC 9728 §3.3: else the token would be for another server than the one that will get it.
    const refused = told === hand.resource ? undefined : `resource is ${String(told)}, expected ${String(hand.resource)}`
    scene.judge(answer.exchange, { about: 'resource metadata', check: 'resource', rule: 'PRM-02', refused })
    if (refused !== undefined)
      throw new Fault(`The metadata is of another server: ${refused}.`, 'Set the address to what the metadata has.')
    const servers = answer.body?.['authorization_servers']
    const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined
    if (typeof issuer !== 'string') throw new Fault('The MCP server names no authorization server.', 'Give it one.')
    hand.issuer = issuer
    const scopes = answer.body?.['scopes_supported']
    if (Array.isArray(scopes)) hand.scope ??= scopes.join(' ')
    delete hand.requestUri
  },
}

const discover: FlowStep = {
  id: 'discover',
  title: 'Ask the authorization server where everything is',
  say: 'The same metadata that every OAuth client reads.',
  standard: 'RFC 8414 §3',
  run: (scene) => readMetadata(scene, need(scene.hand, 'issuer')),
}

const register: FlowStep = {
  id: 'register',
  title: 'Get an id as a client',
  say: 'The two have never met. The client uses the id that it has, or registers itself and is given one.',
  standard: 'RFC 7591 §3',
  async run(scene) {
    const { hand, world } = scene
    if (typeof hand.metadata?.['registration_endpoint'] !== 'string') {
      if (world.clientId === undefined)
        throw new Fault('The server registers nobody, and the world has no client.', 'Register one, or turn registration on.')
      hand.clientId = world.clientId
      return
    }
    const answer = await scene.send({
      title: 'The client registers itself',
      standard: 'RFC 7591 §3.1',
      to: 'server',
      url: endpoint(hand, 'registration_endpoint'),
      json: {
        // Not the name of the client that a Holdfast has for this page: no two clients may be called the same.
        client_name: 'MCP client in a page',
        redirect_uris: [world.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        scope: hand.scope,
      },
    })
    const id = textOf(answer.body, 'client_id')
    // The server may want an initial access token: then the client that is configured goes on.
    hand.clientId = id ?? world.clientId ?? ''
    if (hand.clientId === '') throw unexpected('The registration', answer.status, answer.body)
  },
}

const use: FlowStep = {
  id: 'call',
  title: 'Use the tool',
  say: 'The token is for this MCP server alone: another one would refuse it, and this one cannot use it elsewhere.',
  standard: 'MCP Authorization',
  async run(scene) {
    const answer = await call(scene, {
      title: 'The client opens the MCP server with its token',
      standard: 'MCP Authorization',
      method: 'POST',
      headers: ACCEPT,
      json: INITIALIZE,
    })
    if (answer.status !== 200) throw unexpected('The call', answer.status, answer.body)
  },
}

export const mcp: Flow = {
  id: 'mcp',
  title: 'An MCP client that knows an address only',
  say: 'From the address of a tool server to a token for it, without anybody having configured anything.',
  standards: ['MCP Authorization', 'RFC 9728', 'RFC 7591', 'RFC 8707'],
  by: 'page',
  lanes: lanesOf('This page, as an MCP client', 'The MCP server'),
  steps: [knock, readResource, discover, register, authorize((scene) => ask(scene)), redeem, use],
  missing: (world) => firstMissing(lacks(world.mcp, 'This world has no MCP server.')),
}
