import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASES } from './test/cases.ts'
import { echo } from './test/echo.ts'
import { type Opened, SOCKETS, WEB } from './test/mounts.ts'

describe.each([...SOCKETS, ...WEB])('%s', (_name, open) => {
  const faults: unknown[] = []
  let mount: Opened
  beforeAll(async () => {
    mount = await open(echo, { onError: (error) => faults.push(error) })
  })
  afterAll(() => mount.close())

  test.each(CASES)('$name', async ({ sent, check }) => {
    faults.length = 0
    const answer = await mount.send(sent)
    check(answer)
    expect(faults).toHaveLength(answer.status === 500 ? 1 : 0)
  })
})
