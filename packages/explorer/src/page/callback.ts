import { tellAnswer } from './channel.ts'

/** The redirect URI of the page's client: hands the answer to the page that asked for it, and closes. It looks at nothing itself. */
const PATIENCE = 2000

const answer = { query: location.search.slice(1), fragment: location.hash.slice(1) }
// A code must not stay in the address and in the history of the browser.
history.replaceState(null, '', location.pathname)

const show = (id: string): void => {
  for (const part of document.querySelectorAll<HTMLElement>('main > [id]')) part.hidden = part.id !== id
}

if (answer.query === '' && answer.fragment === '') show('nothing')
else if (await tellAnswer(answer, PATIENCE)) {
  window.close()
  // Still here: a browser closes only windows that a script opened.
  show('done')
} else show('nobody')
