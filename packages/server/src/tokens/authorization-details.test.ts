import { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { expect, test } from 'vitest'
import { compileDetailsTypes } from '../config/authorization-details.ts'
import { DerivedKeys } from '../keys/derived.ts'
import { KeyRing } from '../keys/key-ring.ts'
import { Application } from '../test/application.ts'
import { ACCOUNTS, details, PAY, PAYER, PAYMENT, SEE, startDetailsServer } from '../test/details.ts'
import { API, ISSUER } from '../test/server.ts'
import { AccessTokenReader } from './access-token.ts'
import { DetailsCatalog, detailsFor, requestedDetails } from './authorization-details.ts'
import { GrantReferences } from './grant-reference.ts'

const catalog = new DetailsCatalog(compileDetailsTypes([PAYMENT, ACCOUNTS]))

test('RAR-08 INT-07 RFC 9396 §9.2: our own reader gives the details as they were granted, for introspection', async () => {
  const as = await startDetailsServer()
  const derived = new DerivedKeys([{ id: 's1', value: new Uint8Array(32).fill(1) }])
  const keys = new KeyRing(as.store, derived, as.clock)
  await keys.refresh()
  const reader = new AccessTokenReader(ISSUER, keys, new GrantReferences(derived))
  const application = new Application(as, PAYER)
  const read = async (over: Readonly<Record<string, string>>): Promise<unknown> => {
    const { access } = await application.tokens({ scope: 'accounts:read', ...over })
    const token = reader.read(access, as.clock.now())
    return token instanceof OAuthError ? token.code : token.authorizationDetails
  }
  expect([await read({ authorization_details: details(PAY, SEE) }), await read({})]).toEqual([[PAY, SEE], []])
  // The largest that a request may have still fits into a token that can be read.
  const large = Array.from({ length: 4 }, () => ({ ...PAY, creditorName: '\u20ac'.repeat(300) }))
  expect(Buffer.byteLength(details(...large))).toBeGreaterThan(3900)
  expect(await read({ authorization_details: details(...large) })).toEqual(large)
})

test('RAR-05 one function reads and checks the parameter wherever a scope may stand', () => {
  const read = (sent: string | undefined): unknown => {
    const form = Form.parse(new URLSearchParams(sent === undefined ? {} : { authorization_details: sent }).toString())
    const answer = form instanceof OAuthError ? form : requestedDetails(form, PAYER, catalog)
    return answer instanceof OAuthError ? answer.rule : answer
  }
  expect([read(undefined), read('[]'), read(details(PAY))]).toEqual([undefined, [], [PAY]])
  expect([read('x'), read(details({ type: 'x' })), read(details({ ...PAY, x: 1 }))]).toEqual(['RAR-01', 'RAR-02', 'RAR-02'])
})

test('RAR-08 locations that are no list, or empty, lead nowhere', () => {
  expect(
    detailsFor(
      [API],
      [
        { type: 't', locations: API },
        { type: 't', locations: [] },
        { type: 't', locations: [1] },
      ],
    ),
  ).toEqual([])
  expect(detailsFor([API], [{ type: 't' }])).toEqual([{ type: 't' }])
})

test('RAR-07 a function of the operator that answers another type is a fault, not a grant', () => {
  const own = new DetailsCatalog(compileDetailsTypes([{ ...ACCOUNTS, enrich: () => PAY }]))
  expect(() => own.granted([SEE], { subject: 'u', clientId: 'c' })).toThrow('answered another type')
})
