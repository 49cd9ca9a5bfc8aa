import { describe, expect, test } from 'vitest'
import { times } from '../test/application.ts'
import { opened, published, start, URL_OF_CLIENT } from '../test/published.ts'
import type { Registrar } from '../test/registrar.ts'

/** Browsers that come with client_ids that somebody made up. */
async function flood(registrar: Registrar, count: number, url: (index: number) => string): Promise<void> {
  await Promise.all(times(count, (index) => opened(registrar, { client_id: url(index) })))
}
const anywhere = (index: number): string => `https://h${index}.example/client.json`
const fetchesOf = ({ places }: Registrar, part: string): number => places.asked.filter(({ url }) => url.includes(part)).length

describe('CIMD-10 made-up client_ids', () => {
  test('push no client out of memory', async () => {
    const registrar = await start(published())
    expect(await opened(registrar)).toBe(303)
    await flood(registrar, 1100, anywhere)
    expect(await opened(registrar)).toBe(303)
    expect(fetchesOf(registrar, URL_OF_CLIENT)).toBe(1)
  })
  test('use up nothing that a client needs which was there before', async () => {
    const registrar = await start(published())
    expect(await opened(registrar)).toBe(303)
    // Past its end, and past the time that it serves when nobody can be asked.
    registrar.as.clock.advance(3600)
    await flood(registrar, 700, anywhere)
    await flood(registrar, 30, (index) => `https://app.example/${index}`)
    expect(await opened(registrar)).toBe(303)
    expect(fetchesOf(registrar, URL_OF_CLIENT)).toBe(2)
  })
  test('lead to one host twenty times a minute, whichever ports they name', async () => {
    const registrar = await start()
    await flood(registrar, 50, (index) => `https://victim.example:${8000 + index}/client.json`)
    expect(fetchesOf(registrar, 'victim.example')).toBe(20)
  })
})
