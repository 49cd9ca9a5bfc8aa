import { describe, expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { ACCOUNTS, claimsOf, details, PAY, PAYER, PAYMENT, SEE, startDetailsServer } from '../test/details.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { API, client, ISSUER, publicClient, startServer } from '../test/server.ts'

const INVALID = '400 invalid_authorization_details'
const pushing = authorizationParameters()

/** The refusal by redirect of /authorize, and that of /par, for the same parameter. */
async function refused(sent: string, over: Readonly<Record<string, string | undefined>> = {}): Promise<readonly string[]> {
  const as = await startDetailsServer()
  const parameters = { authorization_details: sent, ...over }
  const { location } = await new Person(as).authorize(authorizationParameters(parameters))
  const pushed = await new Application(as, PAYER).post('/par', { ...Object.fromEntries(pushing), ...parameters })
  return [location?.searchParams.get('error') ?? `none ${location?.href}`, told(pushed), String(pushed.body['error_description'])]
}

describe('requests', () => {
  test('RAR-01 RAR-05 RFC 9396 §5: what is no array of typed objects is invalid_authorization_details, by redirect and as 400', async () => {
    for (const sent of ['{', '{"type":"payment_initiation"}', '["payment_initiation"]', '[{}]', '[{"type":"x","type":"y"}]'])
      expect([sent, ...(await refused(sent)).slice(0, 2)]).toEqual([sent, 'invalid_authorization_details', INVALID])
  })

  test('RAR-02 an unknown type, field, or a wrong value refuses the whole request; the answer says where and what is allowed', async () => {
    for (const [sent, words] of [
      [{ type: 'unknown' }, 'authorization_details[1]: type unknown is unknown; allowed are payment_initiation, account_information'],
      [{ ...PAY, x: 1 }, 'authorization_details[1] of type payment_initiation: has the unknown member x'],
      [{ ...PAY, creditorName: 1 }, 'authorization_details[1] of type payment_initiation: creditorName must be string'],
      [{ type: 'payment_initiation' }, 'lacks the member instructedAmount'],
    ] as const) {
      const answer = await refused(details(SEE, sent))
      expect(answer.slice(0, 2)).toEqual(['invalid_authorization_details', INVALID])
      expect(answer[2]).toContain(words)
    }
  })

  test('RAR-02 without configured types every detail is refused, and discovery names none', async () => {
    const as = await startServer([client({ authorizationDetailsTypes: ['payment_initiation'] })])
    const { location } = await new Person(as).authorize(authorizationParameters({ authorization_details: details(PAY) }))
    expect(location?.searchParams.get('error')).toBe('invalid_authorization_details')
    const metadata = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as object
    expect(metadata).not.toHaveProperty('authorization_details_types_supported')
  })

  test('RAR-03 RFC 9396 §10: a type that the client may not ask for is refused, also beside one that it may', async () => {
    const as = await startDetailsServer([client({ authorizationDetailsTypes: ['account_information'] })])
    const ask = async (...sent: readonly object[]): Promise<string | null | undefined> =>
      (await new Person(as).authorize(authorizationParameters({ authorization_details: details(...sent) }))).location?.searchParams.get(
        'error',
      )
    expect([await ask(SEE), await ask(SEE, PAY)]).toEqual([null, 'invalid_authorization_details'])
    const none = await startDetailsServer([client(), publicClient()])
    const { location } = await new Person(none).authorize(authorizationParameters({ authorization_details: details(SEE) }))
    expect(location?.searchParams.get('error')).toBe('invalid_authorization_details')
  })

  test('RAR-04 RAR-07 RAR-08 RFC 9396 §3.1: details need no scope, nothing at all needs one', async () => {
    const application = new Application(await startDetailsServer(), PAYER)
    const { answer, access } = await application.tokens({ scope: undefined, authorization_details: details(SEE) })
    expect(answer.body).toMatchObject({ authorization_details: [SEE] })
    expect(answer.body).not.toHaveProperty('scope')
    expect(claimsOf(access)).toMatchObject({ aud: API, authorization_details: [SEE] })
    expect((await refused('[]', { scope: undefined }))[0]).toBe('invalid_scope')
    expect((await refused(details(SEE), { scope: 'unknown:scope' }))[0]).toBe('invalid_scope')
  })

  test('RAR-05 FAPI-83 RFC 9396 §12: pushed details are those that are granted; what the browser adds to the address is not looked at', async () => {
    const as = await startDetailsServer()
    const application = new Application(as, PAYER)
    const { body } = await application.post(
      '/par',
      Object.fromEntries(authorizationParameters({ resource: API, authorization_details: details(PAY) })),
    )
    const swapped = details({ ...PAY, instructedAmount: { currency: 'EUR', amount: '9999' } })
    const query = new URLSearchParams({ client_id: 'web', request_uri: String(body['request_uri']), authorization_details: swapped })
    const seen = await application.person.through(query)
    const answer = await application.redeem(seen.location?.searchParams.get('code') ?? '')
    expect(answer.body['authorization_details']).toEqual([PAY])
  })

  test('RAR-05 a parameter that is there twice, or too long, is refused', async () => {
    const as = await startDetailsServer()
    const twice = authorizationParameters({ authorization_details: details(SEE) })
    twice.append('authorization_details', details(PAY))
    const { location } = await new Person(as).authorize(twice)
    expect(location?.searchParams.get('error')).toBe('invalid_request')
    expect((await refused(details({ ...SEE, identifier: 'x'.repeat(9000) })))[0]).toBe('invalid_request')
  })

  test('RAR-16 RFC 9396 §3.2: resource says nothing about details; it steers for whom the token is', async () => {
    const elsewhere = { ...SEE, locations: ['https://elsewhere.example'] }
    const application = new Application(await startDetailsServer(), PAYER)
    const { answer, access } = await application.tokens({
      scope: 'accounts:read',
      resource: API,
      authorization_details: details(elsewhere, SEE),
    })
    expect(claimsOf(access)).toMatchObject({ aud: API, authorization_details: [SEE] })
    expect(answer.body['authorization_details']).toEqual([SEE])
  })
})

test('RAR-10 RFC 9396 §10: discovery names the configured types', async () => {
  const as = await startDetailsServer([PAYER], [PAYMENT, ACCOUNTS])
  for (const name of ['oauth-authorization-server', 'openid-configuration'])
    expect(await (await as.fetch(`${ISSUER}/.well-known/${name}`)).json()).toMatchObject({
      authorization_details_types_supported: ['payment_initiation', 'account_information'],
    })
})
