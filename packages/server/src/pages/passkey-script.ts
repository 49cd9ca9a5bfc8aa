/**
 * Asks the browser for a passkey, or has it make one, and sends the answer in the page's own form. Where a page asks for a
 * user name, passkeys stand in its autofill list, too. Without scripts or passkeys the form stays hidden and nothing is missed.
 */
export const passkeyScript: string = `const form = document.getElementById('passkey-form')
const fault = document.getElementById('passkey-fault')
const options = JSON.parse(form.dataset.options)
const creates = form.dataset.creates === 'true'
let waiting
const can = window.PublicKeyCredential !== undefined && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
async function ask(mediation) {
  waiting?.abort()
  waiting = new AbortController()
  const { signal } = waiting
  return creates
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal, ...(mediation && { mediation }) })
}
function send(credential) {
  form.elements.namedItem('passkey').value = JSON.stringify(credential)
  HTMLFormElement.prototype.submit.call(form)
}
if (can) {
  form.hidden = false
  form.addEventListener('submit', async (submitted) => {
    submitted.preventDefault()
    fault.hidden = true
    try {
      send(await ask())
    } catch (problem) {
      if (problem.name === 'AbortError') return
      fault.textContent = problem.name === 'InvalidStateError'
        ? 'This device has a passkey of yours already.'
        : 'Your browser did not give a passkey. Try again, or go on without it.'
      fault.hidden = false
    }
  })
  const username = document.querySelector('input[autocomplete~="webauthn"]')
  if (username !== null && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    ask('conditional').then(send, () => {})
  }
} else {
  document.getElementById('passkey-missing')?.removeAttribute('hidden')
}
`
