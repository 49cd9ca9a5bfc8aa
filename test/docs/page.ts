/** One feature's page in docs/features, taken apart: its configuration, and what is sent and answered, in order. */
export interface FeaturePage {
  /** The `yaml` block: what an operator writes beside issuer and store. */
  readonly configuration: string
  /** Blocks `json at https://…`: what others publish, by its URL. */
  readonly documents: ReadonlyMap<string, string>
  /** Blocks `json needed at https://…`: what an API behind the guard needs there, the first being the API itself; with `by TOOL`, for that tool of MCP. */
  readonly needs: ReadonlyMap<string, string>
  /** The block `yaml for holdfast guard`: the configuration of a guard before an API at api.example.com. */
  readonly gateway: string | undefined
  readonly steps: readonly Step[]
}

/** As the page says it behind `yaml`. */
const GATEWAY = 'for holdfast guard'

export type Step =
  | { readonly kind: 'exchange'; readonly line: number; readonly request: Written; readonly answer: Written }
  /** What a person does in a browser: a block `person`. */
  | { readonly kind: 'person'; readonly line: number; readonly deed: string }
  /** What happens to the machines: a block `operator`. */
  | { readonly kind: 'operator'; readonly line: number; readonly deed: string }
  /** `json as NAME by KEY of type TYPE`: the claims of a JWT that somebody signs; later requests have it as `<NAME>`. */
  | { readonly kind: 'signed'; readonly line: number; readonly jwt: Signed }
  /** `json as NAME`: JSON that travels in a form, as `<NAME>`. */
  | { readonly kind: 'json'; readonly line: number; readonly name: string; readonly text: string }
  /** `json in NAME`: what the server signed, in the member NAME of an answer; `json in log`: a line of the log. */
  | { readonly kind: 'claims'; readonly line: number; readonly name: string; readonly claims: string }

export interface Signed {
  readonly name: string
  readonly key: string
  readonly typ: string
  readonly claims: string
}

/** A message of HTTP as the page shows it. */
export interface Written {
  readonly start: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

interface Block {
  readonly language: string
  /** What stands behind the language: it is not shown, so the prose says it too. */
  readonly role: string
  readonly line: number
  readonly text: string
}

/** @throws {Error} a request without an answer, an answer without a request: the page would not say what happens */
export function readPage(markdown: string): FeaturePage {
  const blocks = blocksOf(markdown)
  const steps: Step[] = []
  let asked: { readonly line: number; readonly request: Written } | undefined
  const documents = new Map<string, string>()
  const needs = new Map<string, string>()
  for (const { language, role, line, text } of blocks) {
    if (language === 'person' || language === 'operator') steps.push({ kind: language, line, deed: text.trim() })
    if (role !== '' && role !== GATEWAY) {
      const [, needed, url] = /^(needed )?at (https:\S+(?: by \w+)?)$/.exec(role) ?? []
      const step = roleStep(role, line, text)
      if (url !== undefined) (needed === undefined ? documents : needs).set(url, text)
      else if (step !== undefined) steps.push(step)
      else throw new Error(`line ${line}: a block cannot be "${role}"`)
    }
    if (language !== 'http') continue
    const written = read(text)
    const isAnswer = written.start.startsWith('HTTP/1.1 ')
    if (isAnswer !== (asked !== undefined)) throw new Error(`line ${line}: requests and answers must alternate`)
    if (asked === undefined) asked = { line, request: written }
    else {
      steps.push({ kind: 'exchange', ...asked, answer: written })
      asked = undefined
    }
  }
  if (asked !== undefined) throw new Error(`line ${asked.line}: the request has no answer`)
  const configuration = blocks.find(({ language, role }) => language === 'yaml' && role === '')?.text ?? ''
  return { configuration, documents, needs, gateway: blocks.find(({ role }) => role === GATEWAY)?.text, steps }
}

function roleStep(role: string, line: number, text: string): Step | undefined {
  const [, name = '', key = '', typ] = /^as (\w+) by (\w+) of type (\S+)$/.exec(role) ?? []
  if (typ !== undefined) return { kind: 'signed', line, jwt: { name, key, typ, claims: text } }
  const [, preposition, member = ''] = /^(as|in) (\w+)$/.exec(role) ?? []
  if (preposition === undefined) return undefined
  return preposition === 'as' ? { kind: 'json', line, name: member, text } : { kind: 'claims', line, name: member, claims: text }
}

function blocksOf(markdown: string): readonly Block[] {
  const found: Block[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, language, role = ''] = /^```(\w+)(?: (.+))?$/.exec(lines[at] ?? '') ?? []
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end === -1) throw new Error(`line ${at + 1}: the block has no end`)
    found.push({ language, role, line: at + 1, text: lines.slice(at + 1, end).join('\n') })
    at = end
  }
  return found
}

/** Lines of a form's body are joined, so that a page can show one parameter a line. */
function read(text: string): Written {
  const [head = '', ...rest] = text.split('\n\n')
  const [start = '', ...lines] = head.split('\n')
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  const body = rest.join('\n\n')
  const form = headers.some(([name, value]) => name === 'content-type' && value.includes('x-www-form-urlencoded'))
  return {
    start: start.trim(),
    headers,
    body: form
      ? body
          .split('\n')
          .map((line) => line.trim())
          .join('')
      : body.trim(),
  }
}
