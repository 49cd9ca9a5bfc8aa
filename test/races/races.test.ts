import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCOUNT } from './account.ts'
import { CODES } from './codes.ts'
import { ENGINES, enginePackages } from './engines.ts'
import { FIRST_PARTY } from './first-party.ts'
import { Nodes, type SingleUse } from './nodes.ts'
import { PASSKEYS } from './passkeys.ts'
import { PROOFS } from './proofs.ts'
import { REGISTRATION } from './registration.ts'
import { SIGNING_OUT } from './signing-out.ts'
import { WAITING } from './waiting.ts'

/**
 * Everything that is good once, on every engine: fifty at once, half at each of two servers over one store. One has it,
 * the others hear the refusal that the standard names, and what is stored after is what one success leaves.
 */
const TABLE: readonly SingleUse[] = [
  ...CODES,
  ...PROOFS,
  ...WAITING,
  ...FIRST_PARTY,
  ...PASSKEYS,
  ...REGISTRATION,
  ...SIGNING_OUT,
  ...ACCOUNT,
]

test('every engine is here: a package with the contract of stores has its row in test/races/engines.ts', () => {
  expect(enginePackages().toSorted()).toEqual(Object.keys(ENGINES).toSorted())
})

describe.each(Object.entries(ENGINES))('on %s, fifty at once at two servers', (_package, open) => {
  let nodes: Nodes
  beforeAll(async () => {
    nodes = await Nodes.start(
      await open(),
      TABLE.map(({ client }) => client),
    )
  })
  afterAll(() => nodes.close())

  test.each(TABLE)('$name', ({ race }) => race(nodes))
})
