import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Weakening = readonly { readonly file: string; readonly find: string; readonly put: string }[]

interface Attack {
  readonly id: string
  readonly weakening: Weakening
  readonly others?: readonly Weakening[]
}

const folder = new URL('../attacks/corpus/', import.meta.url)
const families = await Promise.all(
  readdirSync(folder).map(async (name) => (await import(new URL(name, folder).href)) as { readonly attacks: readonly Attack[] }),
)
const attacks = families.flatMap((family) => family.attacks)

/** `npm run attacks` takes minutes and runs apart; that its patches fit the code must not wait for it. */
test.each(
  attacks.flatMap(({ id, weakening, others = [] }) =>
    [weakening, ...others].map((one, index) => ({ id, number: index + 1, weakening: one })),
  ),
)('attack $id: the check $number that it takes out is where it is looked for', ({ weakening }) => {
  expect(weakening.length).toBeGreaterThan(0)
  const built: Map<string, string> = new Map()
  for (const { file, find, put } of weakening) {
    const source = built.get(file) ?? readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    expect(source).toContain(find)
    built.set(
      file,
      source.replace(find, () => put),
    )
  }
})

test('every attack has an id of its own', () => {
  expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length)
})
