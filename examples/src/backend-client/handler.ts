import { Form } from '@holdfast/protocol/form'
import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { equalSecrets, newSecret } from '@holdfast/protocol/secret'
import type { VNode } from 'preact'
import { BackendClient, type ClientOptions, type SignIn } from './client.ts'
import { Failure, type Outcome, page, SignedIn, SignedOut, stylesheet } from './pages.tsx'

/** Plain http on loopback cannot have the `__Host-` prefix; cookies are shared across ports, so the name is this client's own. */
const COOKIE = 'holdfast-demo-client'
const MAX_SESSIONS = 1000

interface Session {
  readonly csrf: string
  readonly signIn: SignIn
}

/** The example's web pages. */
export function exampleClient(options: ClientOptions): Handler {
  const client = new BackendClient(options)
  const origin = new URL(options.redirectUri).origin
  const sessions: Map<string, Session> = new Map()

  const open = (signIn: SignIn): string => {
    if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value as string)
    const id = newSecret()
    sessions.set(id, { csrf: newSecret(), signIn })
    return id
  }

  async function callback(request: HttpRequest): Promise<Reply> {
    const id = cookie(request)
    const session = id === undefined ? undefined : sessions.get(id)
    if (session === undefined) return html(400, 'Not signed in', Failure({ reason: 'This sign-in was not started in this browser.' }))
    sessions.delete(id as string)
    await client.finish(session.signIn, new URL(`${origin}${request.path}?${request.query}`))
    return to('/', open(session.signIn))
  }

  async function act(request: HttpRequest, id: string | undefined): Promise<Reply> {
    const session = id === undefined ? undefined : sessions.get(id)
    const form = await Form.read(request)
    if (session?.signIn.tokens === undefined || form instanceof OAuthError) return to('/')
    const csrf = form.one('csrf')
    if (typeof csrf !== 'string' || !equalSecrets(csrf, session.csrf))
      return html(403, 'Not done', Failure({ reason: 'The form was sent from somewhere else.' }))
    const { signIn } = session
    switch (request.path) {
      case '/call':
        return signedIn(session, await outcome('The API answered', await client.callApi(signIn)))
      case '/steal-bearer':
        return signedIn(session, await outcome('Shown as Bearer: refused', await client.callApiAsThief(signIn, 'bearer')))
      case '/steal-key':
        return signedIn(session, await outcome('Proved with another key: refused', await client.callApiAsThief(signIn, 'other-key')))
      case '/refresh':
        await client.refresh(signIn)
        return signedIn(session, {
          title: 'Refreshed',
          status: 200,
          challenge: undefined,
          body: 'There is a new access token, bound to the same key.',
        })
      default:
        sessions.delete(id as string)
        return to('/', '')
    }
  }

  async function answer(request: HttpRequest): Promise<Reply> {
    const id = cookie(request)
    if (request.path === '/style.css') return { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: stylesheet }
    if (request.path === '/callback') return callback(request)
    if (request.method === 'POST' && request.path === '/login') {
      const { location, signIn } = await client.begin()
      return { status: 303, headers: { location, 'set-cookie': setCookie(open(signIn)), 'cache-control': 'no-store' }, body: '' }
    }
    if (request.method === 'POST') return act(request, id)
    if (request.path !== '/') return html(404, 'Not found', Failure({ reason: 'There is no such page.' }))
    const session = id === undefined ? undefined : sessions.get(id)
    return session?.signIn.tokens === undefined ? html(200, 'Example application', SignedOut()) : signedIn(session, undefined)
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (fault) {
      return html(502, 'That did not work', Failure({ reason: reasonOf(fault) }))
    }
  }
}

/** What the server answered, in its own words, or what went wrong before it could. */
function reasonOf(fault: unknown): string {
  const { error, error_description: description } = fault as { readonly error?: unknown; readonly error_description?: unknown }
  if (typeof error === 'string') return typeof description === 'string' ? `${error}: ${description}` : error
  return fault instanceof Error ? fault.message : String(fault)
}

function signedIn(session: Session, outcome: Outcome | undefined): Reply {
  const { tokens } = session.signIn
  const name = String(tokens?.claims()?.sub ?? 'somebody')
  return html(200, 'Example application', SignedIn({ name, expiresIn: tokens?.expires_in, csrf: session.csrf, outcome }))
}

async function outcome(title: string, response: Response): Promise<Outcome> {
  return { title, status: response.status, challenge: response.headers.get('www-authenticate') ?? undefined, body: await response.text() }
}

function html(status: number, title: string, body: VNode): Reply {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http://localhost:* https:; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
    },
    body: page(title, body),
  }
}

function to(location: string, session?: string): Reply {
  return {
    status: 303,
    headers: { location, ...(session === undefined ? {} : { 'set-cookie': setCookie(session) }), 'cache-control': 'no-store' },
    body: '',
  }
}

function setCookie(value: string): string {
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax${value === '' ? '; Max-Age=0' : ''}`
}

function cookie(request: HttpRequest): string | undefined {
  for (const pair of request.headers('cookie').join(';').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === COOKIE) return value
  }
  return undefined
}
