import { hostname } from 'node:os'
import { CIBA, FORMER, JWT_BEARER, STATEMENTS } from '../installation.mjs'
import { answerApproval, desk, signedInAt } from '../person.mjs'
import { asserted, Browser, post, sendJson, signed } from '../thief.mjs'
import { authorizeUrl } from '../world.mjs'

const OUTBOUND = 'packages/server/dist/outbound'
const CALLBACK = 'https://app.example.com/callback'

/** Names and spellings of this machine: what resolves, what is read as a number, and what only looks public. */
const hosts = () => [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ip6-localhost',
  hostname(),
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '%31%32%37.0.0.1',
  '①②⑦.⓪.⓪.①',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  'app.example.com@localhost',
]

/** What the attacker can make the server look at; each is sent with every address. */
const WAYS = {
  async 'jwks_uri of a registered client'(world, address) {
    const metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', jwks_uri: address }
    const { body } = await sendJson(`${world.issuer}/register`, metadata)
    if (body.client_id !== undefined) await authenticate(world, body.client_id)
  },
  async 'a client_id that is a URL'(world, address) {
    await new Browser().go(authorizeUrl(world, { client_id: address, redirect_uri: CALLBACK }))
    await authenticate(world, address)
  },
  async 'jwks_uri in a published document'(world, address) {
    const clientId = publish(world, (url) => ({
      body: documentOf(url, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: address }),
    }))
    await authenticate(world, clientId)
  },
  async 'a software statement'(world, address) {
    const header = { jku: address, x5u: address, kid: 'x' }
    for (const iss of [STATEMENTS, address]) {
      const software_statement = await signed(world.keys.former, { iss, jwks_uri: address }, header)
      await sendJson(`${world.issuer}/register`, { redirect_uris: [CALLBACK], software_statement })
    }
  },
  async 'the header of an assertion'(world, address) {
    const header = { jku: address, x5u: address, kid: 'x' }
    await post(`${world.issuer}/par`, await asserted(world.keys.former, 'keyed', world.issuer, { header }))
    for (const iss of [FORMER, address]) {
      const assertion = await signed(world.keys.former, { iss, sub: 'victim', aud: world.issuer }, header)
      await post(`${world.issuer}/token`, { grant_type: JWT_BEARER, assertion }, desk())
    }
  },
  async 'request_uri and request'(world, address) {
    const request = await signed(world.keys.former, { client_id: 'native', response_type: 'code' }, { jku: address, x5u: address })
    for (const more of [{ request_uri: address }, { request }]) {
      await new Browser().go(authorizeUrl(world, more))
      await post(`${world.issuer}/par`, { client_id: 'desk', response_type: 'code', ...more }, desk())
    }
  },
  async 'pages of a client'(world, address) {
    const pages = {
      logo_uri: address,
      client_uri: address,
      sector_identifier_uri: address,
      initiate_login_uri: address,
      request_uris: [address],
    }
    const { body } = await sendJson(`${world.issuer}/register`, { redirect_uris: [CALLBACK], ...pages, backchannel_logout_uri: address })
    if (body.client_id !== undefined) await new Browser().go(authorizeUrl(world, { client_id: body.client_id, redirect_uri: CALLBACK }))
  },
}

async function authenticate(world, clientId) {
  const fields = { response_type: 'code', client_id: clientId, ...(await asserted(world.keys.former, clientId, world.issuer)) }
  await post(`${world.issuer}/par`, fields)
}

let documents = 0
function publish(world, answer) {
  const path = `/published-${++documents}.json`
  const url = world.elsewhere.put(path, {})
  return world.elsewhere.put(path, answer(url))
}

const documentOf = (url, over = {}) => ({ client_id: url, client_name: 'An app', redirect_uris: [new URL('/callback', url).href], ...over })

/** Each publisher is asked still: nothing was refused for having been asked too often. */
async function ordinary(world) {
  for (const host of world.elsewhere.hosts) {
    const clientId = publish(world, (url) => ({ body: documentOf(url) }))
    const { location } = await new Browser().go(
      authorizeUrl(world, { client_id: clientId, redirect_uri: new URL('/callback', clientId).href, scope: 'openid' }),
    )
    if (!location?.startsWith(`${world.issuer}/interaction/`)) throw new Error(`${host} may be asked, and is not`)
  }
}

/** A person who uses the attacker's client allows it something; the server then tells the client, wherever that is. */
async function notified(world, addresses) {
  let clients = 0
  for (const address of addresses) {
    const metadata = {
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', CIBA],
      backchannel_token_delivery_mode: 'ping',
      backchannel_client_notification_endpoint: address,
    }
    const { body } = await sendJson(`${world.issuer}/register`, metadata)
    if (body.client_id === undefined) continue
    const { client_id, client_secret } = body
    const form = { client_id, client_secret, scope: 'openid', login_hint: 'other', client_notification_token: 'a-token-of-the-attacker' }
    const asked = await post(`${world.issuer}/backchannel_authentication`, form)
    if (asked.status !== 200) throw new Error(`nobody was asked: ${JSON.stringify(asked.body)}`)
    clients++
  }
  const browser = new Browser()
  let page = await signedInAt(world, '/approve', browser, 'other')
  for (let index = 0; index < clients; index++) {
    await answerApproval(world, { browser, page })
    page = await browser.go(`${world.issuer}/approve`)
  }
  // The notices are on their way while the pages are answered.
  await new Promise((resolve) => setTimeout(resolve, 500))
  return clients
}

export const attacks = [
  {
    id: 'A51',
    title: 'CVE-2024-49753: the server is made to ask a host inside, by a name or a spelling of its address',
    weakening: [
      { file: `${OUTBOUND}/target.js`, find: 'permits(address, target) {', put: 'permits(address, target) {\n        return true;' },
    ],
    others: [
      // The name is looked at, and not what it resolves to.
      [
        { file: `${OUTBOUND}/connect.js`, find: '!allowed.permits(address, target)', put: 'false' },
        { file: `${OUTBOUND}/connect.js`, find: '!allowed.permits(remoteAddress, target)', put: 'false' },
      ],
      // What is mapped into IPv6 is taken for IPv6.
      [
        {
          file: `${OUTBOUND}/address.js`,
          find: "return family === 'ipv4' || GLOBAL_UNICAST",
          put: "return family === 'ipv4' || true || GLOBAL_UNICAST",
        },
        { file: `${OUTBOUND}/address.js`, find: "if (familyOf(address) !== 'ipv6')", put: 'if (true)' },
      ],
    ],
    async attack(world) {
      const { elsewhere } = world
      await ordinary(world)
      const addresses = hosts().flatMap((host) =>
        ['https', 'http'].map((scheme) => `${scheme}://${host}:${elsewhere.internalPort}/keys.json`),
      )
      let count = 0
      const before = elsewhere.reached()
      for (const [name, way] of Object.entries(WAYS))
        for (const address of addresses) {
          await way(world, address)
          count++
          if (elsewhere.reached() > before) return { won: true, how: `${name}: ${address}` }
        }
      await ordinary(world)
      return { won: false, how: `${count} requests, by ${Object.keys(WAYS).join(', ')}: the host inside was not connected to` }
    },
  },
  {
    id: 'A51-ping',
    title: 'CVE-2024-49753: the server is made to tell a host inside that a person answered',
    weakening: [
      { file: `${OUTBOUND}/target.js`, find: 'permits(address, target) {', put: 'permits(address, target) {\n        return true;' },
    ],
    async attack(world) {
      const { elsewhere } = world
      const before = elsewhere.reached()
      const addresses = ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', '2130706433'].map(
        (host) => `https://${host}:${elsewhere.internalPort}/notified`,
      )
      const told = await notified(world, addresses)
      if (told === 0) throw new Error('no such client could register')
      return {
        won: elsewhere.reached() > before,
        how: `${told} clients, the host inside has ${elsewhere.reached() - before} connections more`,
      }
    },
  },
  {
    id: 'A51-redirect',
    title: 'CVE-2024-49753: a host that may be asked redirects to one inside',
    weakening: [
      {
        file: `${OUTBOUND}/exchange.js`,
        find: "return ['redirect', `status ${statusCode}: redirects are not followed`];",
        put: "return ['redirect', `to ${headers.location}`];",
      },
      {
        file: `${OUTBOUND}/outbound.js`,
        find: 'return socket instanceof OutboundRefusal ? socket : await exchange(socket, target, message, deadline);',
        put: `const answer = socket instanceof OutboundRefusal ? socket : await exchange(socket, target, message, deadline);
            const on = answer instanceof OutboundRefusal && answer.reason === 'redirect' ? new URL(answer.detail.split(' to ')[1] ?? answer.detail.split('to ')[1], url) : undefined;
            if (on === undefined)
                return answer;
            // Followed as libraries do, which look at the first address alone.
            const next = { url: on, host: on.hostname, port: Number(on.port), secure: true, named: true };
            return await exchange(await connect(next, await resolve(next, allowed, lookup), allowed, secureContext(), deadline), next, message, deadline);`,
      },
    ],
    async attack(world) {
      const { elsewhere } = world
      const before = elsewhere.reached()
      let count = 0
      for (const status of [301, 302, 303, 307, 308])
        for (const host of ['localhost', '127.0.0.1']) {
          const location = `https://${host}:${elsewhere.internalPort}/keys.json`
          const redirecting = { status, headers: { location, refresh: `0; url=${location}` } }
          const clientId = publish(world, () => redirecting)
          await new Browser().go(authorizeUrl(world, { client_id: clientId, redirect_uri: CALLBACK }))
          const keysAt = publish(world, () => redirecting)
          await WAYS['jwks_uri of a registered client'](world, keysAt)
          count += 2
          if (elsewhere.reached() > before) return { won: true, how: `${status} to ${location}` }
        }
      await ordinary(world)
      return { won: false, how: `${count} redirects, none was followed` }
    },
  },
]
