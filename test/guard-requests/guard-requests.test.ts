import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, faultsOf } from './answer.ts'
import { type List, newList } from './list.ts'
import { MOUNTS, type Open } from './mounts.ts'
import { MOUNTS_APART } from './mounts-apart.ts'

const ALL: Readonly<Record<string, Open>> = { ...MOUNTS, ...MOUNTS_APART }

let list: List
let reference: readonly Answer[]
beforeAll(async () => {
  list = await newList()
  reference = await answers('node:http')
})

/** Sends the whole list in its order: a replay is a replay only after its first use. */
async function answers(name: string): Promise<readonly Answer[]> {
  const mount = await (ALL[name] as Open)(list)
  try {
    const all: Answer[] = []
    for (const { sent } of list.rows) all.push(await mount.send(sent))
    return all
  } finally {
    await mount.close()
  }
}

const byName = (all: readonly Answer[]): object => Object.fromEntries(list.rows.map(({ name }, index) => [name, all[index]]))

/** One answer a line, so that a change is seen as one. */
function written(all: readonly Answer[]): string {
  const lines = list.rows.map(({ name }, index) => `  ${JSON.stringify(name)}: ${JSON.stringify(all[index])}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

test('the list is long enough, and every request in it has a name of its own', () => {
  expect(list.rows.length).toBeGreaterThanOrEqual(150)
  expect(new Set(list.rows.map(({ name }) => name)).size).toBe(list.rows.length)
  const allowed = list.rows.filter(({ expected }) => expected.status === 200).length
  expect([allowed > 50, list.rows.length - allowed > 100]).toEqual([true, true])
})

describe.each(Object.keys(ALL))('%s', (name) => {
  let all: readonly Answer[]
  beforeAll(async () => {
    all = await answers(name)
  })

  test('answers each request as was written beside it', () => {
    const faults = list.rows.flatMap((row, index) => faultsOf(row, all[index] as Answer).map((fault) => `${row.name}: ${fault}`))
    expect(faults).toEqual([])
  })

  test('answers each request as node:http does: status, headers and body', () => {
    expect(byName(all)).toEqual(byName(reference))
  })
})

test('node:http answers as is recorded; `vitest run test/guard-requests -u` records anew', async () => {
  await expect(written(reference)).toMatchFileSnapshot('answers.json')
})
