import { basic, post, postTls, told } from '../thief.mjs'

const ask = (client_id) => ({ grant_type: 'client_credentials', scope: 'accounts:read', client_id })
/** Where proxies of many makes tell the certificate; only the first is known here, and only from a proxy that is named. */
const HEADERS = {
  'client-cert': ({ header }) => header,
  'x-client-cert': ({ certificate }) => encodeURIComponent(certificate),
  'x-ssl-client-cert': ({ certificate }) => encodeURIComponent(certificate),
  'ssl-client-cert': ({ certificate }) => encodeURIComponent(certificate),
  'x-forwarded-client-cert': ({ certificate }) => `Cert="${encodeURIComponent(certificate)}"`,
  'x-amzn-mtls-clientcert': ({ certificate }) => encodeURIComponent(certificate),
}

async function first(tries) {
  for (const [name, send] of tries) {
    const answer = await send()
    if (answer.body.access_token !== undefined) return `${name}: ${told(answer)}`
  }
  return undefined
}

export const attacks = [
  {
    id: 'A32',
    title: 'CVE-2023-2422: any certificate of the authority, another one signed by itself, or a header, stands for a client',
    weakening: [
      {
        file: 'packages/server/dist/client-authentication/tls-client-auth.js',
        find: 'if (expected !== undefined && HAS[expected.kind](x509, expected.value))',
        put: 'if (expected !== undefined)',
      },
    ],
    others: [
      [{ file: 'packages/server/dist/client-authentication/tls-client-auth.js', find: 'if (!authorized)', put: 'if (false)' }],
      [
        {
          file: 'packages/server/dist/client-authentication/self-signed-tls-client-auth.js',
          find: 'isCertificateOf(member, x509)',
          put: 'true',
        },
      ],
      [{ file: 'packages/mount/dist/client-certificate.js', find: 'return isProxy(socket.remoteAddress) ?', put: 'return true ?' }],
      // A browser-facing port that reads the header.
      [
        {
          file: 'packages/mount/dist/client-certificate.js',
          find: 'return (socket) => ofHandshake(socket);',
          put: 'return (socket, header) => ofHandshake(socket) ?? ofHeader(header(), isCurrent);',
        },
      ],
    ],
    async attack(world) {
      const { certificates, forged, selfAgain } = world.keys
      const endpoint = `${world.mtls}/token`
      for (const [name, held] of Object.entries(certificates)) {
        const answer = await postTls(endpoint, ask(name), held)
        if (answer.body.access_token === undefined) throw new Error(`${name} itself is refused: ${told(answer)}`)
      }
      const { url, behindProxies } = await world.secondNode()
      const handshakes = [
        ...Object.entries(certificates).flatMap(([owner, held]) =>
          Object.keys(certificates)
            .filter((name) => name !== owner)
            .map((name) => [`${name} by the certificate of ${owner}`, () => postTls(endpoint, ask(name), held)]),
        ),
        ...Object.entries(forged).map(([name, held]) => [
          `bank by a certificate that is ${name}`,
          () => postTls(endpoint, ask('bank'), held),
        ]),
        ['self-a by another certificate of its name', () => postTls(endpoint, ask('self-a'), selfAgain)],
        ['no certificate', () => postTls(endpoint, ask('bank'), undefined)],
        ['a secret that is none', () => postTls(endpoint, ask('bank'), certificates.shop, basic('bank', ''))],
        ['the browsers’ port', () => post(`${world.issuer}/token`, ask('bank'))],
      ]
      const headers = Object.entries(HEADERS).flatMap(([name, write]) =>
        ['bank', 'self-a'].flatMap((client) => {
          const sent = { [name]: write(certificates[client]) }
          return [
            [`${name} at the browsers’ port`, () => post(`${world.issuer}/token`, ask(client), sent)],
            [`${name} at the browsers’ port of the second node`, () => post(`${url}/token`, ask(client), sent)],
            [`${name} past the proxies`, () => post(`${behindProxies}/token`, ask(client), { ...sent, 'x-forwarded-for': '192.0.2.1' })],
            [`${name} without a certificate`, () => postTls(endpoint, ask(client), undefined, sent)],
            [`${name} beside the certificate of another`, () => postTls(endpoint, ask(client), certificates.shop, sent)],
          ]
        }),
      )
      const won = await first([...handshakes, ...headers])
      return { won: won !== undefined, how: won ?? `${handshakes.length} handshakes and ${headers.length} forged headers, all refused` }
    },
  },
]
