import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Seconds } from '@holdfast/protocol/time'
import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from 'oauth4webapi'
import { authorizationUrl } from '../authorization-server/authorization-request.ts'
import { Failure } from '../authorization-server/failure.ts'
import type { Backend } from '../backend.ts'
import { told } from '../checks.ts'
import { confirmPage, errorPage, redirect } from '../pages.ts'
import { type ReturnPath, returnPath } from '../return-path.ts'
import { newSessionKey } from '../sessions/session-key.ts'
import type { Settings } from '../settings.ts'
import { begin, type Transaction, transactionEnd } from '../transaction.ts'

/** What a page asks for when it leads somebody to sign in. */
interface Wish {
  readonly returnTo: ReturnPath
  readonly scope: readonly string[]
  readonly acrValues: readonly string[]
  readonly maxAge: Seconds | undefined
  readonly prompt: string | undefined
  readonly loginHint: string | undefined
}

const NOT_RIGHT = 'The link to sign in is not right.'
const NAVIGATION = { about: 'request', check: 'navigation', rule: 'BFF-04' }
const PROMPTS: ReadonlySet<string> = new Set(['select_account', 'login', 'create', 'none', 'consent'])

/**
 * GET /bff/login: begins a sign-in, or a step-up (RFC 9470 §4), by a navigation of the browser (BFF-04). With `iss` it is one that
 * a third party initiates (OpenID Connect Core §4): a plain one, since a stranger may not choose what is asked for.
 */
export async function login({ settings, link, sessions }: Backend, request: HttpRequest): Promise<Reply> {
  const { publicUrl, basePath, home, clock, binds } = settings
  const notNavigation = told(request.witness, NAVIGATION, misused(request))
  if (notNavigation !== undefined) return errorPage(400, notNavigation, home)
  const form = Form.parse(request.query)
  const wish =
    form instanceof OAuthError || form.fault !== undefined
      ? undefined
      : form.has('iss')
        ? thirdPartyWish(settings, form)
        : ownWish(settings, form)
  if (wish === undefined) return errorPage(400, NOT_RIGHT, home)
  const fromElsewhere = request.headers('sec-fetch-site').some((site) => site !== 'same-origin' && site !== 'none')
  if (fromElsewhere && !(form as Form).has('iss')) return confirmPage(publicUrl, `${basePath}/login?${request.query}`)

  const former = await sessions.find(request)
  const transaction: Omit<Transaction, 'resource'> = {
    issuer: settings.issuer,
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    key: binds ? newSessionKey() : undefined,
    acrValues: wish.acrValues,
    maxAge: wish.maxAge,
    // STEP-21: what was granted is asked for again, or the step up would be a step down elsewhere.
    scope: [...new Set([...settings.scope, ...(former?.contents.scope.split(' ') ?? []), ...wish.scope])].join(' '),
    returnTo: wish.returnTo,
    former: former?.id,
    expiresAt: transactionEnd(clock.now()),
  }
  const begun = await authorizationUrl(link, transaction, wish)
  if (begun instanceof Failure) {
    settings.tell({ type: 'login.failed', kind: begun.kind, code: begun.code, detail: begun.detail })
    return begun.kind === 'away'
      ? errorPage(503, 'Sign-in is not available right now. Please try again in a moment.', home)
      : errorPage(502, 'Sign-in is not set up right. The log of this application says why.', home)
  }
  const setCookie = await begin(settings, request, { ...transaction, resource: begun.resource })
  return setCookie === undefined ? errorPage(400, NOT_RIGHT, home) : redirect(begun.url, setCookie)
}

/** Only a browser's window comes here: what a script, a frame or an image asks for could not go on. */
function misused(request: HttpRequest): string | undefined {
  const mode = request.headers('sec-fetch-mode')
  const destination = request.headers('sec-fetch-dest')
  return mode.some((one) => one !== 'navigate') || destination.some((one) => one !== 'document')
    ? 'Sign-in begins by a navigation of the whole window: set location.href, do not fetch.'
    : undefined
}

function ownWish({ publicUrl, basePath, home }: Settings, form: Form): Wish | undefined {
  const to = form.one('return_to') as string | undefined
  const returnTo = to === undefined ? home : returnPath(to, publicUrl, basePath)
  const maxAge = form.one('max_age') as string | undefined
  const prompt = form.one('prompt') as string | undefined
  if (returnTo === undefined || (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) || (prompt !== undefined && !PROMPTS.has(prompt)))
    return undefined
  const [scope, acrValues] = [wordsOf(form, 'scope'), wordsOf(form, 'acr_values')]
  if (scope === undefined || acrValues === undefined) return undefined
  return {
    returnTo,
    scope,
    acrValues,
    maxAge: maxAge === undefined ? undefined : Number(maxAge),
    prompt,
    loginHint: form.one('login_hint') as string | undefined,
  }
}

/** RFC 6749 §3.3: what scopes are made of; so are the values of `acr_values`. */
function wordsOf(form: Form, name: string): readonly string[] | undefined {
  const words = ((form.one(name) as string | undefined) ?? '').split(' ').filter((word) => word !== '')
  return words.every((word) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word)) ? words : undefined
}

function thirdPartyWish({ publicUrl, basePath, home, issuer }: Settings, form: Form): Wish | undefined {
  if (form.one('iss') !== issuer) return undefined
  const target = form.one('target_link_uri') as string | undefined
  if (target !== undefined && target !== publicUrl && !target.startsWith(`${publicUrl}/`)) return undefined
  const returnTo = target === undefined ? home : returnPath(target.slice(publicUrl.length) || '/', publicUrl, basePath)
  if (returnTo === undefined) return undefined
  return {
    returnTo,
    scope: [],
    acrValues: [],
    maxAge: undefined,
    prompt: undefined,
    loginHint: form.one('login_hint') as string | undefined,
  }
}
