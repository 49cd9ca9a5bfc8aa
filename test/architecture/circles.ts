import { type Files, importsOf, resolve } from './imports.ts'

/** Each circle of imports once, types included, as `a → b → a`. */
export function circles(files: Files): readonly string[] {
  const found = new Map<string, string>()
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const circle = trail.slice(start)
      found.set([...circle].sort().join(' '), [...circle, path].join(' → '))
      return
    }
    if (done.has(path)) return
    trail.push(path)
    for (const specifier of importsOf(files.get(path) ?? '')) {
      const next = resolve(files, path, specifier)
      if (next !== undefined && files.has(next)) visit(next)
    }
    trail.pop()
    done.add(path)
  }
  for (const path of files.keys()) if (/\.(tsx?|mjs)$/.test(path)) visit(path)
  return [...found.values()]
}
