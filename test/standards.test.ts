import { readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const APART = new Set(['node_modules', 'dist', 'standards', 'test-results'])

function texts(path: string): readonly (readonly [string, string])[] {
  if (statSync(root + path).isDirectory()) {
    return readdirSync(root + path)
      .filter((name) => !APART.has(name) && !name.startsWith('.'))
      .flatMap((name) => texts(`${path}/${name}`))
  }
  return /\.(md|tsx?|mjs)$/.test(path) && !path.startsWith('test/') ? [[path, readFileSync(root + path, 'utf8')]] : []
}
const all = ['packages', 'examples', 'docs', 'scripts', 'test', ...readdirSync(root).filter((name) => name.endsWith('.md'))].flatMap(texts)
/** Sentences that speak of a thing: a section named in another sentence is about something else. */
const sentences = (about: RegExp): readonly (readonly [string, string])[] =>
  all.flatMap(([path, text]) =>
    text
      .split(/(?<=[.:;])\s|\n\s*\n/)
      .filter((sentence) => about.test(sentence) && /OAuth 2\.1|draft-ietf-oauth-v2-1/.test(sentence))
      .map((sentence) => [path, sentence] as const),
  )

test('OA-83 OAuth 2.1 §10: our texts cite the list of differences at §10, and the duty to use PKCE at §4.1.1 or §7.5.1', () => {
  expect(all.length).toBeGreaterThan(100)
  const misplaced = [
    ...sentences(/\bdiffer(s|ences?)\b/i).filter(([, sentence]) => /§1\.6\b/.test(sentence)),
    ...sentences(/\bPKCE\b|code_challenge/).filter(([, sentence]) => /§1\.6\b|§9\.\d/.test(sentence)),
  ]
  expect(misplaced).toEqual([])
})
