/**
 * The script of the page. It never meets a token: it asks the backend who is signed in, calls the API through it, and signs out. The
 * header goes with every request, since a page of another origin cannot send it.
 */
const CSRF = { 'x-holdfast-csrf': '1' }

const part = (id: string): HTMLElement => document.querySelector(`#${id}`) as HTMLElement

interface Session {
  readonly active: boolean
  readonly claims?: { readonly sub: string; readonly name?: string; readonly preferred_username?: string }
}

async function ask(path: string, method = 'GET'): Promise<Response> {
  return fetch(path, { method, headers: CSRF, cache: 'no-store' })
}

async function showWho(): Promise<void> {
  const session = (await (await ask('/bff/session')).json()) as Session
  const { name, preferred_username: username, sub } = session.claims ?? {}
  const fault = new URLSearchParams(location.search).get('login_error')
  part('who').textContent = session.active
    ? `You are signed in as ${name ?? username ?? sub ?? 'somebody'}.`
    : fault === null
      ? 'Nobody is signed in.'
      : `Nobody is signed in: the last sign-in did not work (${fault}).`
  part('sign-in').textContent = session.active ? 'Sign in again' : 'Sign in'
  for (const id of ['call', 'sign-out']) part(id).hidden = !session.active
}

async function callApi(): Promise<void> {
  const answer = await ask('/api/accounts')
  part('answer').hidden = false
  part('answer').textContent = `${answer.status}\n${await answer.text()}`
}

async function signOut(): Promise<void> {
  const { location: next } = (await (await ask('/bff/logout', 'POST')).json()) as { readonly location: string }
  location.href = next
}

part('call').addEventListener('click', () => void callApi())
part('sign-out').addEventListener('click', () => void signOut())
void showWho()
