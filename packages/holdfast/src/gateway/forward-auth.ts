import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { GatewayConfiguration } from './configuration.ts'

type Dialect = GatewayConfiguration['forwardAuth']

/** Headers by which a proxy tells what it was asked; Envoy tells it by the request itself. */
const HEADERS: Readonly<Record<'nginx' | 'traefik', readonly [method: Lowercase<string>, uri: Lowercase<string>]>> = {
  nginx: ['x-original-method', 'x-original-uri'],
  traefik: ['x-forwarded-method', 'x-forwarded-uri'],
}

/** Whether a request is a question of the proxy. */
export function isQuestion(path: string, dialect: Dialect): boolean {
  return dialect.by === 'envoy' ? path.startsWith(`${dialect.path}/`) : path === dialect.path
}

/**
 * The request that the proxy asks about, as its client sent it. Only the headers of the dialect that was configured are read: a
 * client could send those of another.
 */
export function asked(question: HttpRequest, { by, path: at }: Dialect): HttpRequest | Reply {
  if (by === 'envoy') return requestAs(question, question.method, question.path.slice(at.length), question.query)
  const [methodHeader, uriHeader] = HEADERS[by]
  const methods = question.headers(methodHeader)
  const uris = question.headers(uriHeader)
  const [method = '', uri = ''] = [methods[0], uris[0]]
  if (methods.length !== 1 || uris.length !== 1 || !/^[A-Za-z-]+$/.test(method) || !uri.startsWith('/'))
    return json(400, {
      error: 'invalid_request',
      error_description: `the proxy must tell what it was asked, once each: ${methodHeader} and ${uriHeader}`,
    })
  const mark = uri.indexOf('?')
  return mark === -1 ? requestAs(question, method, uri, '') : requestAs(question, method, uri.slice(0, mark), uri.slice(mark + 1))
}

/** The same request, asked by another method and for another place. */
export function requestAs(request: HttpRequest, method: string, path: string, query: string): HttpRequest {
  return {
    method,
    path,
    query,
    clientAddress: request.clientAddress,
    clientCertificate: request.clientCertificate,
    headers: (name) => request.headers(name),
    body: (limit) => request.body(limit),
  }
}

/**
 * A refusal as the proxy can take it. nginx knows 401 and 403 alone and answers anything else with its own 500: what is the
 * client's fault becomes 403, and an outage stays one. Several challenges go in one line, since nginx 1.22 hands on only the first.
 */
export function refusalFor(by: Dialect['by'], reply: Reply): Reply {
  const { 'www-authenticate': challenges, ...headers } = reply.headers
  const oneLine = {
    ...reply,
    headers:
      challenges === undefined
        ? headers
        : { ...headers, 'www-authenticate': typeof challenges === 'string' ? challenges : challenges.join(', ') },
  }
  return by === 'nginx' && reply.status >= 400 && reply.status < 500 && reply.status !== 401 ? { ...oneLine, status: 403 } : oneLine
}
