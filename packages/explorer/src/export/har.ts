import type { Exchange, Message } from '../model.ts'

interface Pair {
  readonly name: string
  readonly value: string
}

/** An HTTP archive (HAR 1.2), as browsers' developer tools read it. */
export interface Har {
  readonly log: {
    readonly version: '1.2'
    readonly creator: { readonly name: string; readonly version: string }
    readonly entries: readonly object[]
  }
}

/** What was sent and what came back. It holds the tokens of the run: whoever gets the file gets them. */
export function toHar(exchanges: readonly Exchange[]): Har {
  return { log: { version: '1.2', creator: { name: 'Holdfast flow explorer', version: '1' }, entries: exchanges.map(entry) } }
}

function entry({ title, request, response, at, took }: Exchange): object {
  return {
    startedDateTime: new Date(at).toISOString(),
    time: took,
    comment: title,
    request: {
      method: request.method,
      url: request.url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(request.headers),
      queryString: pairs([...new URL(request.url).searchParams]),
      ...(request.body !== '' && { postData: postData(request) }),
      headersSize: -1,
      bodySize: size(request.body),
    },
    // HAR 1.2: status 0 where no answer came.
    response: {
      status: response?.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: pairs(response?.headers ?? []),
      content: { size: size(response?.body ?? ''), mimeType: typeOf(response) || 'x-unknown', text: response?.body ?? '' },
      redirectURL: response?.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? '',
      headersSize: -1,
      bodySize: size(response?.body ?? ''),
    },
    cache: {},
    timings: { send: 0, wait: took, receive: 0 },
  }
}

function postData(request: Message): object {
  const mimeType = typeOf(request)
  const form = mimeType.startsWith('application/x-www-form-urlencoded')
  return { mimeType, params: form ? pairs([...new URLSearchParams(request.body)]) : [], text: request.body }
}

function typeOf(message: Message | undefined): string {
  return message?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
}

function pairs(lines: readonly (readonly [string, string])[]): readonly Pair[] {
  return lines.map(([name, value]) => ({ name, value }))
}

function size(text: string): number {
  return new TextEncoder().encode(text).length
}
