import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { ClientCredentialsProvider, PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { authorize, expect, run, sayVersions, world } from '../feature.mjs'

sayVersions(['@modelcontextprotocol/sdk'])

/** What an MCP host gives the SDK: memory, and a browser. */
class Provider {
  seen = []
  #client
  #tokens
  #verifier
  #discovery
  code

  constructor(redirectUrl, clientMetadataUrl) {
    this.redirectUrl = redirectUrl
    this.clientMetadataUrl = clientMetadataUrl
    this.clientMetadata = {
      client_name: 'Interop',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
  }
  clientInformation() {
    return this.#client
  }
  saveClientInformation(information) {
    this.#client = information
  }
  tokens() {
    return this.#tokens
  }
  saveTokens(tokens) {
    this.#tokens = tokens
  }
  codeVerifier() {
    return this.#verifier
  }
  saveCodeVerifier(verifier) {
    this.#verifier = verifier
  }
  discoveryState() {
    return this.#discovery
  }
  saveDiscoveryState(state) {
    this.#discovery = state
  }
  async redirectToAuthorization(url) {
    this.asked = url
    this.code = (await authorize(url)).searchParams.get('code')
  }
}

/** A tool is called without a token, and again with the one that the SDK then got. */
async function call(provider) {
  const url = new URL(world.mcp)
  const transport = () => new StreamableHTTPClientTransport(url, { authProvider: provider })
  const client = () => new Client({ name: 'interop', version: '1.0.0' })
  const first = transport()
  const refused = await client()
    .connect(first)
    .then(
      () => undefined,
      (error) => error,
    )
  expect(refused?.constructor.name, 'UnauthorizedError', 'the first call')
  if (provider.code === undefined || provider.code === null) throw new Error('the browser brought no code')
  await first.finishAuth(provider.code)
  const connected = client()
  await connected.connect(transport())
  const { content } = await connected.callTool({ name: 'whoami' })
  await connected.close()
  expect(typeof content[0].text, 'string', 'the tool')
  return content[0].text
}

/** The SDK's own providers, which know no person. */
async function callAsMachine(authProvider, clientId) {
  const client = new Client({ name: 'interop', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(world.mcp), { authProvider }))
  const { content } = await client.callTool({ name: 'whoami' })
  await client.close()
  expect(content[0].text, clientId, 'who calls')
}

const machine = (clientId) => ({ clientId, expectedIssuer: world.issuer, scope: 'tools:call' })
const CALLBACK = 'http://127.0.0.1:7777/callback'
const registered = new Provider(CALLBACK)
const documented = new Provider(world.cimdCallback, world.cimd)
const none = 'is not part of the MCP client'

await run({
  resource_metadata: async () => {
    await call(registered)
    const state = registered.discoveryState()
    expect(state.resourceMetadata?.resource, world.mcp, 'resource')
    expect(registered.asked.searchParams.get('resource'), world.mcp, '`resource` of the request')
  },
  discovery: () => expect(registered.discoveryState().authorizationServerMetadata.issuer, world.issuer, 'issuer'),
  registration: () => expect(registered.clientInformation().client_id.length > 8, true, 'client_id'),
  code: () => expect(registered.tokens().token_type.toLowerCase(), 'bearer', 'token_type'),
  refresh: async () => {
    const before = registered.tokens()
    expect(typeof before.refresh_token, 'string', 'refresh_token')
    expect(await auth(registered, { serverUrl: world.mcp }), 'AUTHORIZED', 'refresh')
    expect(registered.tokens().access_token === before.access_token, false, 'the same token')
  },
  api: () => call(new Provider(CALLBACK)),
  cimd: async () => {
    await call(documented)
    expect(documented.clientInformation().client_id, world.cimd, 'client_id')
  },
  mcp: () => call(new Provider(world.cimdCallback, world.cimd)),
  userinfo: none,
  private_key_jwt: () =>
    callAsMachine(
      new PrivateKeyJwtProvider({ ...machine('signing-machine'), privateKey: world.key, algorithm: 'ES256' }),
      'signing-machine',
    ),
  par: none,
  jar: none,
  jarm: none,
  dpop: none,
  mtls: none,
  message_signing: none,
  client_credentials: () => callAsMachine(new ClientCredentialsProvider({ ...machine('machine'), clientSecret: world.secret }), 'machine'),
  device: none,
  ciba: none,
  exchange: none,
  introspection: none,
  revocation: none,
  silent: none,
  rp_logout: none,
  backchannel_logout: none,
  frontchannel_logout: none,
  session: none,
})
