/** An element of a page, read by a parser that knows the HTML servers write, not the HTML people get wrong. */
export class PageElement {
  readonly tag: string
  readonly attributes: ReadonlyMap<string, string>
  readonly parent: PageElement | undefined
  readonly children: (PageElement | string)[] = []

  constructor(tag: string, attributes: ReadonlyMap<string, string>, parent: PageElement | undefined) {
    this.tag = tag
    this.attributes = attributes
    this.parent = parent
  }

  attribute(name: string): string | undefined {
    return this.attributes.get(name)
  }

  /** The text a person reads, white space folded. */
  get text(): string {
    return this.content.replace(/\s+/g, ' ').trim()
  }

  get content(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : RAW.has(child.tag) ? '' : child.content)).join('')
  }

  /** Itself and all within, in the order of the page. */
  *all(): Generator<PageElement> {
    yield this
    for (const child of this.children) if (typeof child !== 'string') yield* child.all()
  }

  closest(tag: string): PageElement | undefined {
    return this.tag === tag ? this : this.parent?.closest(tag)
  }

  /** `tag#id.class[name="value"]`, and such parts after spaces for "within". @throws {SyntaxError} anything else */
  find(selector: string): PageElement | undefined {
    return this.findAll(selector)[0]
  }

  findAll(selector: string): readonly PageElement[] {
    const parts = selector
      .trim()
      .split(/\s+(?![^[]*\])/)
      .map(matcher)
    return [...this.all()].filter((element) => matches(element, parts))
  }
}

type Matcher = (element: PageElement) => boolean

function matches(element: PageElement, parts: readonly Matcher[]): boolean {
  const last = parts.at(-1)
  if (last === undefined || !last(element)) return last === undefined
  const outer = parts.slice(0, -1)
  if (outer.length === 0) return true
  for (let up = element.parent; up !== undefined; up = up.parent) if (matches(up, outer)) return true
  return false
}

const PART = /^([a-z][a-z0-9-]*)|#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:="([^"]*)"|=([^\]"]*))?\]/iy

function matcher(part: string): Matcher {
  const tests: Matcher[] = []
  for (let at = 0; at < part.length;) {
    PART.lastIndex = at
    const found = PART.exec(part)
    if (found === null) throw new SyntaxError(`the selector ${part} is more than tag, #id, .class and [attribute=value]`)
    const [whole, tag, id, name, attribute, quoted, bare] = found
    const value = quoted ?? bare
    if (tag !== undefined) tests.push((element) => element.tag === tag.toLowerCase())
    if (id !== undefined) tests.push((element) => element.attribute('id') === id)
    if (name !== undefined) tests.push((element) => (element.attribute('class') ?? '').split(/\s+/).includes(name))
    if (attribute !== undefined)
      tests.push((element) => (value === undefined ? element.attributes.has(attribute) : element.attribute(attribute) === value))
    at += whole.length
  }
  return (element) => tests.every((check) => check(element))
}

const VOID: ReadonlySet<string> = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
])
/** Elements whose text is not markup, and not read by people. */
const RAW: ReadonlySet<string> = new Set(['script', 'style', 'template'])
/** Elements whose text is text, whatever it looks like. */
const TEXT: ReadonlySet<string> = new Set(['script', 'style', 'textarea', 'title'])

const TOKEN = /<!--[\s\S]*?-->|<![^>]*>|<\/([a-z][a-z0-9-]*)\s*>|<([a-z][a-z0-9-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>|[^<]+|</giy
const ATTRIBUTE = /([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g

export function parseHtml(html: string): PageElement {
  const root = new PageElement('#document', new Map(), undefined)
  let open = root
  for (let at = 0; at < html.length;) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(html) as RegExpExecArray
    at = TOKEN.lastIndex
    const [text, end, start, attributes = ''] = token
    if (end !== undefined) open = open.closest(end.toLowerCase())?.parent ?? open
    else if (start !== undefined) {
      const element: PageElement = new PageElement(start.toLowerCase(), attributesOf(attributes), open)
      open.children.push(element)
      if (TEXT.has(element.tag)) {
        const close = html.toLowerCase().indexOf(`</${element.tag}`, at)
        const inner = html.slice(at, close === -1 ? html.length : close)
        element.children.push(RAW.has(element.tag) ? inner : unescaped(inner))
        at += inner.length
        open = element
      } else if (!VOID.has(element.tag)) open = element
    } else if (!text.startsWith('<!')) open.children.push(unescaped(text))
  }
  return root
}

function attributesOf(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', double, single, bare] of source.matchAll(ATTRIBUTE))
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), unescaped(double ?? single ?? bare ?? ''))
  return found
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }

function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi,
    (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name] ?? whole
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
    },
  )
}
