import { schemaNode, type SchemaNode } from '@holdfast/server/config'
import * as z from 'zod'
import { listenShape } from '../config/listen-shape.ts'
import { tlsShape } from '../config/tls-shape.ts'
import type { WrittenGateway } from './configuration.ts'

const origin = 'an https origin such as https://api.example.com, or http'
const peers = z.string().max(64).meta({ allowed: 'an address, a range such as 10.0.0.0/8, or unix' })
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/)
const scopes = z.array(scope.meta({ allowed: 'the name of a scope, without spaces and quotes (RFC 6749 §3.3)' }))

const needShape = z.strictObject({
  scopes: scopes.default([]).meta({ description: 'Every one of these scopes.', allowed: 'a list of scopes' }),
  acr: z
    .array(scope.meta({ allowed: 'a name without spaces, quotes and backslashes' }))
    .min(1)
    .meta({
      description: 'Any one of these authentication context classes, the preferred first (RFC 9470 §3).',
      allowed: 'a list of at least one name',
    })
    .optional(),
  maxAge: z
    .int()
    .min(0)
    .max(31_536_000)
    .meta({ description: 'How many seconds ago the person may have authenticated (RFC 9470 §3).' })
    .optional(),
})

const routeShape = z.strictObject({
  path: z.string().min(1).max(1024).meta({
    description: 'That path and everything below it. The longest one that fits counts.',
    allowed: 'a path such as /orders, without a slash at the end',
  }),
  methods: z
    .array(
      z
        .string()
        .regex(/^[A-Z][A-Z-]{0,31}$/)
        .meta({ allowed: 'a method in upper case, such as GET' }),
    )
    .min(1)
    .meta({
      description: 'The methods of this row; GET stands for HEAD too. With it, a method that no row of this path has is refused.',
      allowed: 'a list of methods',
    })
    .optional(),
  public: z.boolean().default(false).meta({ description: 'Let in whoever comes, without a token.' }),
  need: needShape
    .meta({ description: 'What a token needs here, instead of `need`.', allowed: 'an object with scopes, acr, maxAge' })
    .optional(),
})

/** One row for each option of `holdfast guard`: its type, range and default, and the sentence that editors and OPTIONS.md show. */
export const gatewayShape: z.ZodType<WrittenGateway> = z.strictObject({
  $schema: z.string().meta({ description: 'For editors: ./node_modules/holdfast/holdfast.guard.schema.json.' }).optional(),
  issuer: z.string().min(1).max(2048).meta({
    description: 'The authorization server whose tokens are let in, exactly as its metadata has it (RFC 8414 §2).',
    allowed: 'an https address, or http on loopback, such as https://id.example.com',
  }),
  resource: z.string().min(1).max(2048).meta({
    description: "This API's identifier (RFC 8707): what tokens must have in `aud`, and where its metadata is (RFC 9728).",
    allowed: 'an address without a fragment, such as https://api.example.com',
  }),
  publicUrl: z
    .string()
    .max(2048)
    .meta({
      description:
        'The origin that clients call: `htu` of proofs is compared with it. Never taken from `Host`. Default: the origin of `resource`.',
      allowed: origin,
    })
    .optional(),
  otherPublicUrls: z
    .array(z.string().max(2048).meta({ allowed: origin }))
    .default([])
    .meta({ description: 'More origins that clients call, such as a host of its own for mutual TLS.', allowed: 'a list of origins' }),
  upstream: z
    .string()
    .max(2048)
    .meta({
      description:
        'The API, for a reverse proxy: it is handed what is let in, under the path that was asked for. Without it the guard hands on nothing and answers the questions of another proxy (`forwardAuth`).',
      allowed: 'an origin without a path, such as http://127.0.0.1:8000',
    })
    .optional(),
  listen: listenShape(4080, 'Where the guard listens.'),
  tls: tlsShape,
  trustedProxies: z.array(peers).default([]).meta({
    description:
      "Proxies before this one, whose X-Forwarded-For tells the client's address: addresses, ranges, `unix`. Without `upstream`: who may ask; with none listed, this machine.",
    allowed: 'a list of addresses and ranges',
  }),
  clientCertificateProxies: z.array(peers).default([]).meta({
    description:
      'Proxies that end mutual TLS and tell the client’s certificate in `Client-Cert` (RFC 9440), for tokens that are bound to one. They must remove that header from what clients send.',
    allowed: 'a list of addresses and ranges',
  }),
  scopes: scopes.default([]).meta({ description: 'Scopes of this API, for its metadata (RFC 9728 §2).', allowed: 'a list of scopes' }),
  need: needShape
    .prefault({})
    .meta({ description: 'What a token needs where no route says otherwise.', allowed: 'an object with scopes, acr, maxAge' }),
  routes: z.array(routeShape).max(1000).default([]).meta({
    description: 'Paths that need something else. What no row has needs a token, and what `need` says.',
    allowed: 'a list of routes',
  }),
  dpopRequired: z.boolean().default(false).meta({ description: 'Refuses every token that is not bound to a DPoP key (RFC 9449).' }),
  bindingRequired: z
    .boolean()
    .default(false)
    .meta({ description: 'Refuses every token that is bound neither to a DPoP key nor to a certificate.' }),
  nonceSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43,}$/)
    .meta({
      description: 'Requires a nonce in every proof (RFC 9449 §9), made under this secret. `env:NAME` or `file:PATH` keep it elsewhere.',
      secret: true,
      allowed: 'at least 32 random bytes in base64url',
    })
    .optional(),
  introspection: z
    .strictObject({
      clientId: z.string().min(1).max(512).meta({ description: "This API's client at the issuer." }),
      clientSecret: z.string().min(1).max(512).meta({
        description: 'Its secret. `env:NAME` or `file:PATH` keep it elsewhere.',
        secret: true,
        allowed: 'text of 1 to 512 characters',
      }),
      tokens: z
        .enum(['opaque', 'all'])
        .default('opaque')
        .meta({ description: '`opaque`: what is no JWT is asked about. `all`: JWTs too, so that a revoked one ends at once.' }),
      cacheSeconds: z.int().min(0).max(30).default(10).meta({ description: 'How long an answer is used again, in seconds.' }),
      signedResponse: z.boolean().default(false).meta({ description: 'Asks for signed answers (RFC 9701) and takes no others.' }),
      endpoint: z
        .string()
        .max(2048)
        .meta({
          description: "Where to ask. Default: `introspection_endpoint` of the issuer's metadata.",
          allowed: 'an https address, or http on loopback',
        })
        .optional(),
    })
    .meta({
      description: 'Asks the issuer about tokens (RFC 7662). Without it JWTs alone come in.',
      allowed: 'an object with clientId and clientSecret',
    })
    .optional(),
  identity: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-$/)
        .max(64)
        .default('x-holdfast-')
        .meta({
          description:
            'What the headers begin with that tell the API who came. Those that a client sends are dropped, however they are spelled.',
          allowed: 'lower-case letters, digits and single hyphens, with a hyphen at the end',
        }),
      unsafePassToken: z.boolean().default(false).meta({
        description: 'Hands the token and its proof on to the API as well. Whoever reads its log can then use the token.',
      }),
    })
    .prefault({})
    .meta({ description: 'Who came, as the API is told.', allowed: 'an object with prefix' }),
  timeout: z
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .meta({ description: 'How many seconds the API may be silent before its answer begins; then 504.' }),
  mostBytes: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(10 * 1024 * 1024)
    .meta({ description: "The most bytes of a request's body; more is answered 413." }),
  webSockets: z.boolean().default(false).meta({
    description:
      'Lets WebSockets through to `upstream`, after the same check as for a GET. One lives for an hour at most, its token may end before.',
  }),
  forwardAuth: z
    .strictObject({
      path: z.string().min(1).max(256).default('/check').meta({
        description: 'Where the proxy asks. With `envoy` the path that was asked for stands behind it.',
        allowed: 'a path such as /check',
      }),
      by: z.enum(['nginx', 'traefik', 'envoy']).default('nginx').meta({
        description:
          'Who asks: `nginx` tells method and path in X-Original-Method and X-Original-URI; `traefik`, and Caddy, in X-Forwarded-Method and X-Forwarded-Uri; `envoy` asks by the method itself.',
      }),
    })
    .prefault({})
    .meta({ description: 'Questions of another proxy, where there is no `upstream`.', allowed: 'an object with path and by' }),
}) as unknown as z.ZodType<WrittenGateway>

export function gatewayNode(): SchemaNode {
  return schemaNode(gatewayShape)
}
