import { type Files, importsOf, isBuiltIn, isRelative, resolve, withoutComments, workspaceOf } from './imports.ts'
import { WEB_ENTRIES } from './rules.ts'

/** What Node has, and Deno, Cloudflare Workers and browsers have not, or not by this name. */
const NODE_GLOBAL = /(?<![\w.'"`-])(?:Buffer|process|setImmediate|__dirname|require)(?=[.(])/

/** Entries for other runtimes reach nothing of Node, through any number of imports. Types count too: their readers have no `@types/node`. */
export function webEntries(files: Files): readonly string[] {
  const faults = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (seen.has(path)) return
    seen.add(path)
    const text = files.get(path)
    const here = [...trail, path]
    if (text === undefined) {
      faults.add(`${here.join(' → ')}: is not there`)
      return
    }
    const [global] = NODE_GLOBAL.exec(withoutComments(text)) ?? []
    if (global !== undefined) faults.add(`${here.join(' → ')}: uses ${global}`)
    for (const specifier of importsOf(text)) {
      const next = resolve(files, path, specifier)
      if (next !== undefined) visit(next, here)
      else if (isBuiltIn(specifier) || workspaceOf(specifier) !== undefined) faults.add(`${here.join(' → ')}: imports ${specifier}`)
      else if (!isRelative(specifier)) faults.add(`${here.join(' → ')}: imports the library ${specifier}`)
    }
  }
  for (const entry of WEB_ENTRIES) visit(entry, [])
  return [...faults]
}
