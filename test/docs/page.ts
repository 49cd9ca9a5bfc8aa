/** One feature's page in docs/features, taken apart: its configuration, and what is sent and answered, in order. */
export interface FeaturePage {
  /** The `yaml` block: what an operator writes beside issuer and store. */
  readonly configuration: string
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly kind: 'exchange'; readonly line: number; readonly request: Written; readonly answer: Written }
  /** What a person does in a browser: a block `person`. */
  | { readonly kind: 'person'; readonly line: number; readonly deed: string }

/** A message of HTTP as the page shows it. */
export interface Written {
  readonly start: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

interface Block {
  readonly language: string
  readonly line: number
  readonly text: string
}

/** @throws {Error} a request without an answer, an answer without a request: the page would not say what happens */
export function readPage(markdown: string): FeaturePage {
  const blocks = blocksOf(markdown)
  const steps: Step[] = []
  let asked: { readonly line: number; readonly request: Written } | undefined
  for (const { language, line, text } of blocks) {
    if (language === 'person') steps.push({ kind: 'person', line, deed: text.trim() })
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
  return { configuration: blocks.find(({ language }) => language === 'yaml')?.text ?? '', steps }
}

function blocksOf(markdown: string): readonly Block[] {
  const found: Block[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\w+)$/.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end === -1) throw new Error(`line ${at + 1}: the block has no end`)
    found.push({ language, line: at + 1, text: lines.slice(at + 1, end).join('\n') })
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
