import { expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, startServer } from '../test/server.ts'

/** Clients that share a browser, and what each heard in it. */
async function heard() {
  const clients = [
    client({ clientId: 'first', pairwiseSector: 'first.example' }),
    client({ clientId: 'sister', pairwiseSector: 'first.example' }),
    client({ clientId: 'second', pairwiseSector: 'second.example' }),
    client({ clientId: 'open' }),
    client({ clientId: 'open2' }),
  ]
  const as = await startServer(clients)
  const apps: Application[] = []
  const hints: Record<string, string> = {}
  for (const one of clients) {
    const app = new Application(as, one, apps[0] === undefined ? {} : { person: apps[0].person })
    hints[one.clientId] = String((await app.tokens()).answer.body['id_token'])
    apps.push(app)
  }
  const person = (apps[0] as Application).person
  /** What a client learns without the person seeing anything. */
  return async (asker: string, of: string): Promise<string> => {
    const { location } = await person.authorize(
      authorizationParameters({ client_id: asker, prompt: 'none', id_token_hint: hints[of] as string }),
    )
    return location?.searchParams.get('error') ?? (location?.searchParams.has('code') === true ? 'code' : 'nothing')
  }
}

test('OIDC-18 OIDC-56 clients that know people by different names cannot find out by a hint that they serve the same person', async () => {
  const ask = await heard()
  for (const [asker, of] of [
    ['second', 'first'],
    ['first', 'second'],
    ['first', 'open'],
    ['open', 'first'],
  ] as const)
    expect([asker, of, await ask(asker, of)]).toEqual([asker, of, 'invalid_request'])
})

test('OIDC-18 the hint of a client that knows the person by the same name is as good as its own', async () => {
  const ask = await heard()
  for (const [asker, of] of [
    ['first', 'first'],
    ['sister', 'first'],
    ['open2', 'open'],
  ] as const)
    expect([asker, of, await ask(asker, of)]).toEqual([asker, of, 'code'])
})
