import type { Exchange } from '../model.ts'

/** The request as a command for a POSIX shell. A proof in it is used up: who sends it again sees a replay refused. */
export function toCurl({ request: { method, url, headers, body } }: Exchange): string {
  const withBody = body !== ''
  const words = [
    'curl',
    // A body makes it a POST, and no body a GET: only another method has to be said.
    ...(method === (withBody ? 'POST' : 'GET') ? [] : ['--request', quoted(method)]),
    // Else a URL with [ or { in it would be many.
    '--globoff',
    quoted(url),
    ...headers.flatMap(([name, value]) => ['--header', quoted(value === '' ? `${name};` : `${name}: ${value}`)]),
    ...(withBody ? ['--data-raw', quoted(body)] : []),
  ]
  return words.join(' ')
}

/** One word, whatever is in it: between single quotes a shell reads nothing but the next single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
