import type { Overheard } from '../client/overheard.ts'
import { watch } from '../client/window.ts'
import { headerOf } from '../dissect/parameters.ts'
import { jsonObject } from '../encoding.ts'
import { Fault, unexpected } from '../faults.ts'
import { firstMissing, type Flow, type FlowStep, lacks, lacksEndpoint, lanesOf, NO_BFF, NO_TRACE } from '../flow.ts'
import type { Scene } from '../scene.ts'

/** Where the page is. @throws {Fault} there is none */
export function bffOf({ world: { bff } }: Scene): string {
  if (bff === undefined) throw new Fault(NO_BFF, 'Start the example, or pick another flow.')
  return bff
}

/** A request of the browser to the backend; a path that ends in a slash is whatever is below it. */
export const asked =
  (method: string, path: string) =>
  ({ from, to, traced: { request } }: Overheard): boolean =>
    from === 'browser' && to === 'client' && request.method === method && isAt(new URL(request.url).pathname, path)

const isAt = (pathname: string, path: string): boolean =>
  path.endsWith('/') && path !== '/' ? pathname.startsWith(path) : pathname === path

const asksWho = asked('GET', '/bff/session')
const goesToSignIn = asked('GET', '/bff/login')
const bringsAnswer = asked('GET', '/bff/callback')
const asksOut = asked('POST', '/bff/logout')
const callsApi = asked('GET', '/api/')

/** The answer says whether somebody is signed in: this is not hidden. */
function saysSignedIn({ traced: { response } }: Overheard): boolean {
  return jsonObject(response.body)?.['active'] === true
}

/** What came after one of a kind. */
function after(first: (one: Overheard) => boolean, seen: readonly Overheard[]): readonly Overheard[] {
  const at = seen.findIndex(first)
  return at === -1 ? [] : seen.slice(at + 1)
}

const isRefused = ({ traced: { response } }: Overheard): boolean => response.status >= 400

/** @throws {Fault} the backend refused it */
function expectNoRefusal(what: string, seen: readonly Overheard[]): void {
  const response = seen.find(isRefused)?.traced.response
  if (response !== undefined) throw unexpected(what, response.status, jsonObject(response.body))
}

const ask: FlowStep = {
  id: 'session',
  title: 'The page asks who is signed in',
  say: 'The page holds nothing: no token, and no cookie that its script could read. It asks its backend, with a header that pages of others cannot send.',
  standard: 'OAuth for Browser-Based Apps §6.1.2.1',
  async run(scene) {
    const url = `${bffOf(scene)}/`
    const say = 'Open the page. It asks its backend by itself; there is nothing to press yet.'
    const seen = await watch(scene, { url, say, first: asked('GET', '/'), done: (all) => all.some(asksWho) })
    expectNoRefusal('Asking who is signed in', seen.filter(asksWho))
  },
}

const signIn: FlowStep = {
  id: 'sign-in',
  title: 'Sign in',
  say: 'The backend is the client: it hands in the request, gets the tokens and keeps them. The browser gets a session cookie that is HttpOnly, so that no script reads it, and Strict, so that links of others do not carry it. On https its name begins with __Host-, so that no sub-domain can set it; plain http on this machine cannot have that.',
  standard: 'OAuth for Browser-Based Apps §6.1.3.1',
  async run(scene) {
    const seen = await watch(scene, {
      url: `${bffOf(scene)}/`,
      say: 'In the page, press “Sign in”, sign in and allow it.',
      first: goesToSignIn,
      done: (all) => ofSignIn(all).some(isRefused) || after(bringsAnswer, all).some(asksWho),
    })
    expectNoRefusal('The sign-in', ofSignIn(seen))
    if (!after(bringsAnswer, seen).some(saysSignedIn))
      throw new Fault('Nobody is signed in: the server, or the person, said no.', 'Begin a new run, sign in and allow it.')
    // Its id is no secret: it stands in the address to which the browser was sent.
    const location = headerOf(seen.find(goesToSignIn)?.traced.response, 'location')
    const clientId = location === undefined ? null : new URL(location, scene.world.issuer).searchParams.get('client_id')
    if (clientId !== null) scene.hand.clientId = clientId
  },
}

/** The backend may begin no sign-in, or take none. */
function ofSignIn(seen: readonly Overheard[]): readonly Overheard[] {
  return seen.filter((one) => goesToSignIn(one) || bringsAnswer(one))
}

const call: FlowStep = {
  id: 'call',
  title: 'Call the API through the backend',
  say: 'The page sends its cookie and the header. The backend takes both away, and sends a token for this API alone with a proof by its key. The API sees no cookie, and the page sees no token.',
  standard: 'OAuth for Browser-Based Apps §6.1.3.6',
  async run(scene) {
    const url = `${bffOf(scene)}/`
    const seen = await watch(scene, { url, say: 'In the page, press “Call the API”.', first: callsApi, done: (all) => all.length > 0 })
    expectNoRefusal('The call', seen.filter(callsApi))
  },
}

const signOut: FlowStep = {
  id: 'sign-out',
  title: 'Sign out',
  say: 'The backend ends its session first and takes its tokens back. Then the browser goes to the server, which ends its own session and tells the others.',
  standard: 'OpenID Connect RP-Initiated Logout §2',
  async run(scene) {
    const seen = await watch(scene, {
      url: `${bffOf(scene)}/`,
      say: 'In the page, press “Sign out”, and confirm it where the server asks.',
      first: asksOut,
      done: (all) => all.filter(asksOut).some(isRefused) || after(asksOut, all).some((one) => asksWho(one) && !saysSignedIn(one)),
    })
    expectNoRefusal('Signing out', seen.filter(asksOut))
  },
}

export const bff: Flow = {
  id: 'bff',
  title: 'Backend for the frontend (BFF)',
  say: 'A page that never meets a token. Its backend signs people in, keeps the tokens and calls the API; what a script could steal is not there.',
  standards: ['OAuth for Browser-Based Apps §6.1', 'RFC 9126', 'RFC 9449', 'OpenID Connect Back-Channel Logout'],
  by: 'page',
  lanes: [{ id: 'browser', name: 'The page in the browser' }, ...lanesOf('Its backend').filter(({ id }) => id !== 'browser')],
  steps: [ask, signIn, call, signOut],
  missing: (world, metadata) =>
    firstMissing(
      lacks(world.bff, NO_BFF),
      lacks(world.trace, NO_TRACE),
      lacks(world.api, 'This world has no API that the backend could call.'),
      lacksEndpoint(metadata, 'pushed_authorization_request_endpoint'),
    ),
}
