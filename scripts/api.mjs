/**
 * The public API of a package as text, from the declarations that the compiler emitted: for each entry of `exports`
 * the exported declarations, sorted, without comments. Two that differ are two APIs, so a change of it is seen in review.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @param {string} folder of the package @param {(path: string) => string} [read] @returns {string} the text of its api.md */
export function apiOf(folder, read = (path) => readFileSync(path, 'utf8')) {
  const manifest = JSON.parse(read(join(folder, 'package.json')))
  const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object' && target.types !== undefined)
  const parts = entries.map(([path, target]) => {
    const declared = [...exportsOf(join(folder, target.types), read)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
    return `## ${manifest.name}${path.slice(1)}\n\n\`\`\`ts\n${declared.join('\n')}\n\`\`\`\n`
  })
  return `# ${manifest.name}: the public API\n\nGenerated from the emitted declarations; \`npm run check -- --update\` writes it anew.\n\n${parts.join('\n')}`
}

/** Exported name → the text of its declaration, followed through re-exports of the package's own files. */
function exportsOf(path, read) {
  const statements = statementsOf(withoutComments(read(path)))
  const found = new Map()
  const add = (name, text) => found.set(name, found.has(name) ? `${found.get(name)}\n${text}` : text)
  const local = (name) => statements.filter((one) => declaredBy(one) === name).map(shorn)
  for (const statement of statements) {
    const name = declaredBy(statement)
    if (name !== undefined && statement.startsWith('export ')) add(name, shorn(statement))
    const list = /^export (?:type )?\{([\s\S]*)\}(?: from '([^']+)')?;?$/.exec(statement)
    if (list !== null)
      for (const [from, to] of renamings(list[1]))
        for (const text of reexported(path, list[2], from, read, local)) add(to, text.replace(new RegExp(`\\b${from}\\b`), to))
    const star = /^export \*(?: as (\w+))? from '([^']+)';?$/.exec(statement)
    if (star?.[1] !== undefined || (star !== null && !star[2].startsWith('.'))) add(star[1] ?? star[2], statement)
    else if (star !== null) for (const [each, text] of exportsOf(declarationFile(path, star[2]), read)) add(each, text)
  }
  return found
}

function reexported(path, from, name, read, local) {
  if (from === undefined) return local(name)
  if (!from.startsWith('.')) return [`export { ${name} } from '${from}'`]
  const text = exportsOf(declarationFile(path, from), read).get(name)
  if (text === undefined) throw new Error(`${path}: ${name} is not exported by ${from}`)
  return [text]
}

const renamings = (list) =>
  list
    .split(',')
    .map((one) => one.trim().replace(/^type /, ''))
    .filter((one) => one !== '')
    .map((one) => {
      const [from, to = from] = one.split(' as ')
      return [from, to]
    })
const declarationFile = (path, specifier) => join(dirname(path), specifier.replace(/(\.d)?\.(ts|tsx|js)$/, '.d.ts'))
const declaredBy = (statement) =>
  /^(?:export )?(?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|namespace)\s+(\w+)/.exec(statement)?.[1]
const shorn = (statement) =>
  statement
    .replace(/^export /, '')
    .replace(/^declare /, '')
    .replace(/;$/, '')

/** Comments go, strings stay: the declarations hold no template or pattern literals that look like comments. */
function withoutComments(text) {
  return text.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n?|[ \t]*\/\/.*/g, (match) =>
    match.trimStart().startsWith('/') ? '' : match,
  )
}

/** Top-level statements: one ends at a `;` or a closing brace outside all brackets and strings. */
function statementsOf(text) {
  const found = []
  let depth = 0
  let start = 0
  const end = (index) => {
    const statement = text
      .slice(start, index + 1)
      .replaceAll(/^\s*\n/gm, '')
      .trim()
    if (statement !== '' && statement !== ';') found.push(statement)
    start = index + 1
  }
  for (const { 0: mark, index } of text.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[{([\])};]/g)) {
    if ('{(['.includes(mark)) depth += 1
    else if (')]}'.includes(mark)) depth -= 1
    if (depth > 0) continue
    if (
      mark === ';' ||
      (mark === '}' && /^\s*(export )?(declare )?(abstract )?(interface|class|namespace)\b/.test(text.slice(start, index)))
    )
      end(index)
  }
  end(text.length)
  return found
}
