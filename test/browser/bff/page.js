/** The application's page: it knows a session endpoint and its API, and nothing of OAuth. */
const show = (id, text) => (document.getElementById(id).textContent = text)
const headers = { 'x-holdfast-csrf': '1' }

async function session() {
  const answer = await (await fetch('/bff/session', { headers })).json()
  show('state', answer.active ? `signed in as ${answer.claims.name ?? answer.claims.sub}` : 'signed out')
  document.getElementById('sign-in').hidden = answer.active
  document.getElementById('sign-out').hidden = !answer.active
  return answer
}

async function load() {
  const response = await fetch('/api/orders', { headers })
  show('outcome', `${response.status} ${await response.text()}`)
}

async function signOut() {
  const response = await fetch('/bff/logout', { method: 'POST', headers })
  const { location: next } = await response.json()
  tabs.postMessage('signed out')
  window.location.assign(next)
}

/** What the API asks for more leads through the login, and back here, where it is tried once more. */
async function pay(again) {
  const response = await fetch('/api/orders/pay', { method: 'POST', headers: again ? { ...headers, 'x-holdfast-retried': '1' } : headers })
  const answer = await response.json()
  if (answer.login_url !== undefined && !again) {
    const login = new URL(answer.login_url, location.origin)
    login.searchParams.set('return_to', '/?pay')
    location.assign(login)
    return
  }
  show('outcome', `${response.status} ${JSON.stringify(answer)}`)
}

document.getElementById('load').addEventListener('click', () => void load())
document.getElementById('pay').addEventListener('click', () => void pay(false))
document.getElementById('sign-out').addEventListener('click', () => void signOut())
const tabs = new BroadcastChannel('session')
tabs.addEventListener('message', () => void session())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void session()
})
window.addEventListener('focus', () => void session())

await session()
if (location.search === '?pay') {
  history.replaceState(null, '', '/')
  await pay(true)
}
