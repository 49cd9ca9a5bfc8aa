import type { Reply } from '@holdfast/protocol/http'

/** Sends the browser on with 303, so that the body of a form is never sent along (OA-32). */
export function seeOther(location: string, headers: Reply['headers'] = {}): Reply {
  return { status: 303, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers }, body: '' }
}
