/**
 * The frame of Session Management §3.2: a client's page asks `client_id session_state`, and hears whether that is still so.
 * The hash has the origin of who asks in it, as the browser tells it: another origin that learnt a `session_state` hears
 * `changed`. The answer goes to that origin and to nobody else.
 */
export const checkSessionScript: string = `const name = document.documentElement.dataset.cookie
const stateOf = () => document.cookie.split('; ').find((pair) => pair.startsWith(name + '='))?.slice(name.length + 1) ?? ''
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
async function answerTo(data, origin) {
  const [, clientId, hash, salt] = typeof data === 'string' ? (/^([\\x20-\\x7e]{1,512}) ([\\w-]{43})\\.([\\w-]{1,64})$/.exec(data) ?? []) : []
  if (clientId === undefined) return 'error'
  const text = new TextEncoder().encode([clientId, origin, stateOf(), salt].join(' '))
  return base64url(await crypto.subtle.digest('SHA-256', text)) === hash ? 'unchanged' : 'changed'
}
addEventListener('message', async ({ data, origin, source }) => {
  if (source === null || source === window || !/^https?:/.test(origin)) return
  source.postMessage(await answerTo(data, origin).catch(() => 'error'), origin)
})
`
