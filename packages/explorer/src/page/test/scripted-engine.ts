import type { AttackResult, Exchange, Runner, RunView } from '../../model.ts'
import type { Catalog, Engine, Explanation, Jwt, Thread, ToldAttack, ToldFlow } from '../ports.ts'
import { jwtIn } from '../message-parts.ts'
import { ATTACK_EXCHANGES, EXCHANGES, JKT, THIEFS_JKT } from './scripted-messages.ts'

/** An engine that plays what was written by hand, and sends nothing. */

export const FLOW: ToldFlow = {
  id: 'code-dpop',
  title: 'Authorization code with DPoP',
  say: 'A public client signs a person in. Its tokens are bound to a key that never leaves this page, so a copied token is worth nothing.',
  lanes: [
    { id: 'browser', name: 'Your browser' },
    { id: 'client', name: 'This page as client' },
    { id: 'server', name: 'Authorization server' },
    { id: 'api', name: 'Notes API' },
  ],
  steps: [
    {
      id: 'discover',
      title: 'Find out what the server can',
      say: 'The client knows the issuer alone, and reads the rest.',
      standard: 'RFC 8414 §3',
    },
    {
      id: 'push',
      title: 'Make a key and push the request',
      say: 'The request goes straight to the server, with the thumbprint of the key.',
      standard: 'RFC 9126 §2.1',
    },
    {
      id: 'authorize',
      title: 'Send the person to sign in',
      say: 'The browser carries a reference, and brings back a code.',
      standard: 'RFC 6749 §4.1.1',
    },
    {
      id: 'token',
      title: 'Exchange the code for tokens',
      say: 'The proof shows the key; the tokens are bound to it.',
      standard: 'RFC 9449 §5',
    },
    { id: 'call', title: 'Call the API', say: 'A token and a proof for this very request.', standard: 'RFC 9449 §7.1' },
  ],
  missing: undefined,
}
const OTHER: readonly ToldFlow[] = [
  {
    ...FLOW,
    id: 'device',
    title: 'A television signs in',
    say: 'A device without a keyboard shows a code; the person enters it elsewhere.',
    steps: FLOW.steps.slice(0, 3),
  },
  {
    ...FLOW,
    id: 'client-credentials',
    title: 'Machine to machine',
    say: 'A service acts for itself, with a key instead of a password.',
    missing: 'It needs the back end of the example application: a confidential client keeps its key there. Start it with npm run dev.',
  },
  {
    ...FLOW,
    id: 'mcp',
    title: 'An MCP client finds its way',
    say: 'From a 401 to a token, with nothing configured before.',
    missing: 'No MCP server is named.',
  },
]

export const ATTACKS: readonly ToldAttack[] = [
  {
    id: 'as-bearer',
    flow: 'code-dpop',
    after: 'token',
    title: 'Use the token without the key',
    thief: 'Somebody read the access token in a log, and shows it as a bearer token.',
    without: 'Whoever reads a log, a proxy or a backup may call the API until the token expires.',
    check: { about: 'access token', check: 'scheme' },
  },
  {
    id: 'other-key',
    flow: 'code-dpop',
    after: 'token',
    title: 'Use the token with a key of their own',
    thief: 'The thief has the access token, makes a key pair, and signs a perfectly good proof with it.',
    without: 'a proof by any key would do, and the binding would be decoration.',
    check: { about: 'access token', check: 'cnf.jkt' },
  },
  {
    id: 'silence',
    flow: 'code-dpop',
    after: 'token',
    title: 'Ask from elsewhere',
    thief: 'The thief has the token and another network.',
    without: 'The thief would be served.',
    check: { about: 'access token', check: 'cnf.jkt' },
  },
  {
    id: 'replay',
    flow: 'code-dpop',
    after: 'call',
    title: 'Send the same proof twice',
    thief: 'The thief recorded a whole request, and sends it again.',
    without: 'A recorded request works as often as one likes.',
    check: { about: 'DPoP proof', check: 'jti' },
  },
]

const EMPTY: RunView = { flow: FLOW.id, done: 0, exchanges: [], attacks: [], busy: false, waiting: undefined, failed: undefined }

export class ScriptedRunner implements Runner {
  view: RunView = EMPTY
  readonly #listeners = new Set<() => void>()

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }
  #change(part: Partial<RunView>): void {
    this.view = { ...this.view, ...part }
    for (const changed of this.#listeners) changed()
  }
  async step(): Promise<void> {
    const step = FLOW.steps[this.view.done]
    if (step === undefined) return
    this.#change({ busy: true })
    if (step.id === 'authorize') {
      this.#change({
        waiting: {
          url: `${location.origin}/callback.html?code=co_5YqB&state=Zk3v7w`,
          say: 'Sign in in a window of its own, and allow the access. The run goes on when you have.',
        },
      })
      await new Promise<void>((resolve) => {
        const channel = new BroadcastChannel('holdfast-explorer')
        channel.addEventListener('message', ({ data }) => {
          channel.postMessage({ kind: 'heard', id: data.id })
          resolve()
        })
      })
    }
    await Promise.resolve()
    const came = EXCHANGES.filter((one) => one.step === step.id)
    this.#change({ busy: false, waiting: undefined, done: this.view.done + 1, exchanges: [...this.view.exchanges, ...came] })
  }
  async attack(id: string): Promise<void> {
    const sent = ATTACK_EXCHANGES[id]
    if (sent === undefined) return
    await Promise.resolve()
    const count = this.view.exchanges.length
    const result = resultOf(id, { ...sent, id: `e${count + 1}` })
    this.#change({ exchanges: [...this.view.exchanges, { ...sent, id: `e${count + 1}` }], attacks: [...this.view.attacks, result] })
  }
  fail(say: string, remedy: string): void {
    this.#change({ busy: false, waiting: undefined, failed: { say, remedy } })
  }
  close(): void {
    this.#listeners.clear()
  }
}

export function resultOf(attack: string, sent: Exchange): AttackResult {
  const caught = sent.findings?.find((finding) => finding.refused !== undefined)
  const verdict = sent.response === undefined ? 'no answer' : sent.response.status < 400 ? 'won' : 'refused'
  return { attack, verdict, exchange: sent.id, caught }
}

const EXPLAINED: Readonly<Record<string, Explanation>> = {
  htm: { text: 'The method of the request that this proof is for.', section: 'RFC 9449 §4.2' },
  htu: { text: 'Its address, without query and fragment.', section: 'RFC 9449 §4.2' },
  jwk: { text: 'The public key itself. Whoever made the proof has the private half.', section: 'RFC 9449 §4.2' },
  cnf: { text: 'The key that the token is bound to, by its thumbprint.', section: 'RFC 9449 §6.1' },
  dpop: { text: 'A proof that the sender has the key, for this request alone.', section: 'RFC 9449 §4.1' },
  dpop_jkt: { text: 'The thumbprint of the key: the code is bound to it.', section: 'RFC 9449 §10' },
  code_challenge: { text: 'The hash of a secret that comes with the code.', section: 'RFC 7636 §4.3' },
  access_token: { text: 'What the API wants to see. It is bound to the key.', section: 'RFC 6749 §5.1' },
  authorization: { text: 'The access token, with its scheme.', section: 'RFC 9110 §11.6.2' },
  'www-authenticate': { text: 'How to do better.', section: 'RFC 9110 §11.6.1' },
  jti: { text: 'Its own name, so that nobody sends it twice.', section: 'RFC 9449 §4.2' },
}

function dissect(text: string): Jwt | undefined {
  const [header = '', payload = '', signature = ''] = text.split('.')
  try {
    const read = (part: string): Record<string, unknown> =>
      JSON.parse(
        new TextDecoder().decode(
          Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.codePointAt(0) ?? 0),
        ),
      )
    const heading = read(header)
    return {
      kind: heading['typ'] === 'dpop+jwt' ? 'DPoP proof' : 'access token',
      header: heading,
      payload: read(payload),
      signingInput: `${header}.${payload}`,
      signature,
      signer: 'Made with the private key whose public half stands in the header as jwk.',
      construction: () =>
        Promise.resolve([
          { title: 'Write the header', say: 'Which kind, which algorithm, and the public key.', text: JSON.stringify(heading, null, 2) },
          { title: 'Encode both as base64url', say: 'JSON as UTF-8, then base64url without padding.', text: header },
          { title: 'Sign', say: 'ECDSA on P-256 with SHA-256 over the signing input; r and s as 32 bytes each.', text: signature },
        ]),
    }
  } catch {
    return undefined
  }
}

function threadOf(exchanges: readonly Exchange[]): readonly Thread[] {
  const parts = exchanges.flatMap((one): Thread['parts'] => {
    if (one.step === 'other-key')
      return [{ exchange: one.id, side: 'request', lane: 'client', short: 'key', title: 'Key of the DPoP proof', value: THIEFS_JKT }]
    if (one.step === 'push')
      return [
        { exchange: one.id, side: 'request', lane: 'client', short: 'key', title: 'Key of the DPoP proof', value: JKT },
        { exchange: one.id, side: 'request', lane: 'client', short: 'jkt', title: 'dpop_jkt of the request', value: JKT },
      ]
    if (one.step === 'token')
      return [
        { exchange: one.id, side: 'request', lane: 'client', short: 'key', title: 'Key of the DPoP proof', value: JKT },
        { exchange: one.id, side: 'response', lane: 'server', short: 'cnf', title: 'cnf.jkt of the access token', value: JKT },
      ]
    return one.step === 'call'
      ? [{ exchange: one.id, side: 'request', lane: 'client', short: 'key', title: 'Key of the DPoP proof', value: JKT }]
      : []
  })
  return parts.length === 0
    ? []
    : [
        {
          id: 'dpop',
          title: 'The DPoP key, from hand to hand',
          say: 'The thumbprint of one key goes through the whole flow. Where it is another, the binding is broken.',
          value: JKT,
          whole: exchanges.some(({ step }) => step === 'token'),
          parts,
        },
      ]
}

export const scripted: Engine = {
  open: (): Catalog => ({ flows: [FLOW, ...OTHER], attacks: ATTACKS, start: () => new ScriptedRunner() }),
  jwtIn,
  dissect,
  explain: (_place, name) => EXPLAINED[name.toLowerCase()],
  check: ({ check }) => (check === 'scheme' ? 'It must be shown under the scheme of its binding.' : undefined),
  thread: (exchanges) => Promise.resolve(threadOf(exchanges)),
  paste: (_text, { method }) =>
    Promise.resolve([
      { state: 'good', say: 'typ says dpop+jwt.', section: 'RFC 9449 §4.2' },
      { state: 'open', say: 'It has no kid: a receiver has to try its keys.', section: 'RFC 7515 §4.1.4' },
      { state: 'bad', say: 'It expired on 2026-09-21.', section: 'RFC 7519 §4.1.4' },
      ...(method === '' ? [] : [{ state: 'bad' as const, say: 'The proof is for another method.', section: 'RFC 9449 §4.3' }]),
    ]),
  har: (exchanges) => JSON.stringify({ log: { version: '1.2', entries: exchanges.length } }),
  curl: ({ request }) => `curl -X ${request.method} '${request.url}'`,
}
