import { expect, test } from 'vitest'
import { Application, KEY, OTHER_KEY } from '../test/application.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { listening } from '../test/listening.ts'
import { client, publicClient, startServer } from '../test/server.ts'

test('x', async () => {
  const one = fapiClient()
  const as = listening(await startServer([one, publicClient()]))
  const app = new FapiApplication(as, one)
  await app.learnNonce()
  as.clear()
  const pushed = await app.pushed()
  console.log('PAR', as.heard())
  as.clear()
  const seen = await app.person.through(pushed)
  console.log('BROWSER', as.heard())
  as.clear()
  const t = await app.redeem(seen.location?.searchParams.get('code') ?? '')
  console.log('TOKEN', as.heard())
  as.clear()
  await app.redeem(seen.location?.searchParams.get('code') ?? '')
  console.log('AGAIN', as.heard())
  as.clear()
  expect(t.status).toBe(200)
})
