/** All that this page knows of signing in. There is no token here, and none to be had. */
export type Session =
  | { readonly active: false; readonly login_url: string }
  | { readonly active: true; readonly claims: { readonly sub: string; readonly name?: string }; readonly logout_url: string }

/** Other sites cannot set it: it says that a request is this page's own. */
const headers = { 'x-holdfast-csrf': '1' }

export async function session(): Promise<Session> {
  const response = await fetch('/bff/session', { headers })
  if (!response.ok) throw new Error(`the session cannot be read: ${response.status}`)
  return (await response.json()) as Session
}

export interface Answer {
  readonly status: number
  readonly body: { readonly error?: string; readonly login_url?: string }
}

export async function call(method: string, path: string): Promise<Answer> {
  const response = await fetch(path, { method, headers })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

/** By a navigation of the whole window, and back to where the person is. */
export function signIn(loginUrl: string): void {
  location.href = loginUrl + encodeURIComponent(location.pathname)
}
