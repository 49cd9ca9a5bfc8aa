import { type Files, withoutComments } from './imports.ts'
import { EMPTY_NAMES, LONGEST_FILE, MEDIAN_FILE } from './rules.ts'

const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path)
const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
const APART = /(^|\/)(generated|fixtures|vectors)\/|\.css$|\.json$/

/** No file says "here is what fitted nowhere". */
export function emptyNames(files: Files): readonly string[] {
  return [...files.keys()]
    .filter((path) => path.split('/').some((part) => EMPTY_NAMES.includes(part.replace(/\..*$/, '').toLowerCase())))
    .map((path) => `${path}: a name that says nothing about the domain`)
}

/** A thing has one name everywhere; tools that read a default export from their configuration are the exception. */
export function defaultExports(files: Files): readonly string[] {
  const guilty = /^[ \t]*export[ \t]+default\b|\bexport\s*\{[^}]*\bas\s+default\b/m
  return [...files]
    .filter(([path, text]) => isTypeScript(path) && !path.endsWith('.config.ts') && guilty.test(withoutComments(text)))
    .map(([path]) => `${path}: default export`)
}

// Where a type stands: after `:`, `as`, `<`, `|`, `&`, `=>` or `=`, in a list of type arguments, or before `[]`.
const ANY = /(?:[:<|&=]|=>|\b(?:as|extends|satisfies|keyof))\s*any\b(?!\s*[(.:])|,\s*any\s*[>\]]|\bany\[\]/
const ENUM = /^[ \t]*(?:export[ \t]+)?(?:declare[ \t]+)?(?:const[ \t]+)?enum[ \t]+\w/m

export function anyAndEnum(files: Files): readonly string[] {
  return [...files]
    .filter(([path]) => isTypeScript(path))
    .flatMap(([path, text]) => {
      const code = withoutComments(text).replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g, "''")
      return [...(ANY.test(code) ? [`${path}: any`] : []), ...(ENUM.test(code) ? [`${path}: enum`] : [])]
    })
}

/** Past the limit a file is two things. */
export function longFiles(files: Files): readonly string[] {
  return measured(files)
    .filter(([, lines]) => lines > LONGEST_FILE)
    .map(([path, lines]) => `${path}: ${lines} lines`)
}

export function median(files: Files): readonly string[] {
  const lines = measured(files)
    .map(([, count]) => count)
    .sort((a, b) => a - b)
  const middle = lines[Math.floor(lines.length / 2)] ?? 0
  return middle > MEDIAN_FILE ? [`the median file has ${middle} lines`] : []
}

const measured = (files: Files): readonly (readonly [string, number])[] =>
  [...files].filter(([path]) => !APART.test(path)).map(([path, text]) => [path, linesOf(text)])
