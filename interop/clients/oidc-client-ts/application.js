// Of every page of the application; `settings` stands above.
const manager = new oidc.UserManager(settings)
const plain = (user) => user && { ...user, profile: user.profile }
const answers = {
  '/callback.html': () => manager.signinCallback().then(plain),
  '/silent.html': () => manager.signinCallback(),
  '/goodbye.html': () => manager.signoutCallback(),
}
// For whoever drives the browser.
window.answered = answers[location.pathname]?.()
