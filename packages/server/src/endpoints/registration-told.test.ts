import { expect, test } from 'vitest'
import { listen } from '../test/listening.ts'
import { METADATA, startRegistrar } from '../test/registrar.ts'
import type { RegistrationOptions } from '../index.ts'

const GOOD = ['registration: initial access token', 'registration: JSON object', 'registration: software statement']
const ALL = [...GOOD, 'registration: metadata', 'registration: sector']

test.each<[string, RegistrationOptions, unknown, string | undefined, readonly string[]]>([
  ['REG-01 a client that is taken', { open: true }, METADATA, undefined, ALL],
  ['REG-01 no JSON', { open: true }, '{', undefined, [GOOD[0] ?? '', 'registration: JSON object, REG-01']],
  [
    'REG-04 metadata that is wrong',
    { open: true },
    { ...METADATA, redirect_uris: ['x'] },
    undefined,
    [...GOOD, 'registration: metadata, REG-04'],
  ],
  [
    'REG-02 a token that nobody gave',
    { initialAccessTokens: true },
    METADATA,
    'made-up',
    [GOOD[0] ?? '', 'registration: initial access token known, REG-02'],
  ],
])('%s is told to a witness', async (_what, options, body, token, told) => {
  const registrar = await startRegistrar(options)
  const heard = listen(registrar.as)
  await registrar.register(body, token)
  expect(heard.told()).toEqual(told)
})
