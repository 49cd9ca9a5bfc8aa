import type { AuthorizationDetail, Json } from '@holdfast/protocol/authorization-details'
import { isRecord } from './shape.ts'

/** An object of `authorization_details` in words. Plain text that is safe to show: nothing in it is markup. */
export interface DetailWords {
  /** The sentence, in parts: the operator's words, and values that the client sent. */
  readonly title: readonly { readonly text: string; readonly sent: boolean }[]
  readonly lines: readonly DetailLine[]
  /** Every member, by its path: what a person can compare. */
  readonly all: readonly DetailLine[]
}

export interface DetailLine {
  readonly label: string
  readonly value: string
}

/** Characters of a value in the title and in a line; what is cut is marked, and `all` has it whole. */
const TITLE_VALUE = 80
const LINE_VALUE = 300

type Describe = (detail: AuthorizationDetail) => { readonly title: string; readonly lines: readonly DetailLine[] }

/** The renderer of a type: the template and labels of the configuration, or the operator's own function. */
export function wordsOf(
  title: string,
  labels: Readonly<Record<string, string>>,
  describe: Describe | undefined,
): (detail: AuthorizationDetail) => DetailWords {
  const parts = title.split(/\{([^{}]*)\}/)
  return (detail) => {
    const all = members(detail)
    if (describe !== undefined) {
      const own = describe(detail)
      return { title: [{ text: shortened(own.title, 500), sent: true }], lines: own.lines.map(shownLine), all }
    }
    return {
      title: parts.flatMap((text, index) => {
        const sent = index % 2 === 1
        const shown = sent ? shortened(textOf(valueAt(detail, text)), TITLE_VALUE) : text
        return shown === '' ? [] : [{ text: shown, sent }]
      }),
      lines: Object.entries(labels).flatMap(([path, label]) => {
        const value = valueAt(detail, path)
        return value === undefined ? [] : [shownLine({ label, value: textOf(value) })]
      }),
      all,
    }
  }
}

/**
 * RFC 9396 §12: control characters, those that change the direction or join, and those without a shape are written
 * as their code. Between two digits of an account number one of them would be a lie that nobody can see.
 */
export function visible(text: string): string {
  return text
    .replace(/[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu, code)
    .replace(/[^\P{Zs}\u0020]/gu, ' ')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1…')
}

function code(character: string): string {
  return `[U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}]`
}

function shownLine({ label, value }: DetailLine): DetailLine {
  return { label: shortened(label, 60), value: shortened(value, LINE_VALUE) }
}

/** Cut between characters, and said so. */
function shortened(text: string, most: number): string {
  const characters = [...visible(text)]
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most).join('')}… (cut)`
}

function members(value: Json, path = ''): readonly DetailLine[] {
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, member]) => members(member as Json, path === '' ? name : `${path}.${name}`))
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null))
    return (value as readonly Json[]).flatMap((item, index) => members(item, `${path}[${index + 1}]`))
  return [{ label: visible(path), value: visible(textOf(value)) }]
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return '(not said)'
  if (typeof value === 'string') return value
  // A text with a comma of its own would look like two.
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && !item.includes(',')))
    return value.join(', ')
  return JSON.stringify(value)
}

function valueAt(detail: AuthorizationDetail, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>((at, name) => (isRecord(at) && Object.hasOwn(at, name) ? (at[name] as Json) : undefined), detail)
}
