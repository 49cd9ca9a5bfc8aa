import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { metadata, type Registered, type Registrar, startRegistrar } from '../test/registrar.ts'
import { client, ISSUER, PASSWORD } from '../test/server.ts'

const words = (text: string): string => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

/** The page that a signed-in person sees; undefined when there is none, and the code is on its way. */
async function consentOf(person: Person, parameters: Readonly<Record<string, string>>): Promise<Seen | undefined> {
  let seen = await person.authorize(authorizationParameters(parameters))
  for (let steps = 0; steps < 3 && seen.location?.href.startsWith(`${ISSUER}/interaction/`) === true; steps++) {
    const page = await person.go(seen.location)
    if (!page.text.includes('login-submit')) return page
    seen = await person.submit(page, { username: 'ada', password: PASSWORD })
  }
  return undefined
}

const of = ({ body }: Registered, redirect_uri = 'https://budget.example/cb'): Readonly<Record<string, string>> => ({
  client_id: String(body['client_id']),
  redirect_uri,
})

describe('REG-10 MCP-08 RFC 7591 §5: a person is told that nobody knows the client', () => {
  test('one that registered itself, and where the browser goes', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register(
      metadata({ client_uri: 'https://budget.example/', logo_uri: 'https://budget.example/logo.png' }),
    )
    const page = await consentOf(new Person(registrar.as), of(answer))
    expect(words(page?.text ?? '')).toContain('This app registered itself here. Nobody has checked its name.')
    expect(page?.text).toContain('budget.example')
    // CIMD-11: no picture of a stranger is loaded, so none has to be fetched and kept.
    expect(page?.text).not.toContain('<img')
    expect(page?.headers.get('content-security-policy')).not.toContain('img-src https')
  })
  test('one that lives on the device alone, which any program there could be', async () => {
    const registrar = await startRegistrar()
    const uri = 'http://127.0.0.1:3000/cb'
    const answer = await registrar.register(metadata({ application_type: 'native', redirect_uris: [uri] }))
    const text = words((await consentOf(new Person(registrar.as), of(answer, uri)))?.text ?? '')
    expect(text).toContain('another program here could pose as it')
  })
  test('one without a name goes by its host, not by a name of its choice', async () => {
    const registrar = await startRegistrar()
    const page = await consentOf(new Person(registrar.as), of(await registrar.register(metadata({ client_name: undefined }))))
    expect(words(page?.text ?? '')).toContain('Allow budget.example ?')
  })
  test('CIMD-11 one that publishes itself: by the host of its client_id, which is proven', async () => {
    const registrar = await startRegistrar({ clientIdMetadataDocuments: { enabled: true } })
    const client_id = 'https://tools.editor.example/client.json'
    registrar.places.put(client_id, { client_id, client_name: 'Editor', redirect_uris: ['http://127.0.0.1/cb'] })
    const page = await consentOf(new Person(registrar.as), { client_id, redirect_uri: 'http://127.0.0.1:5000/cb' })
    expect(words(page?.text ?? '')).toContain('This app is published by tools.editor.example . Nobody here has checked it.')
    expect(words(page?.text ?? '')).toContain('another program here could pose as it')
  })
  test('of a client of the operator nothing such is said', async () => {
    const registrar = await startRegistrar()
    const page = await consentOf(new Person(registrar.as), { client_id: 'web' })
    expect(page?.text).toContain('Allow')
    expect(page?.text).not.toContain('id="stranger"')
  })
})

describe('CIMD-13 A47 consent is given to a client as it was', () => {
  async function allowed(registrar: Registrar, parameters: Readonly<Record<string, string>>): Promise<Person> {
    const person = new Person(registrar.as)
    expect((await person.through(authorizationParameters(parameters))).location?.searchParams.get('code')).toBeTruthy()
    expect(await consentOf(person, parameters)).toBeUndefined()
    return person
  }
  const update = (answer: Registered, over: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    metadata({ client_id: answer.body['client_id'], ...over })

  test('one that moves its redirect URI after it was trusted is asked about anew, and begins without what was allowed', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const person = await allowed(registrar, of(answer))
    const moved = 'https://elsewhere.example/cb'
    await registrar.manage('PUT', answer, update(answer, { redirect_uris: [moved] }))
    registrar.as.clock.advance(1)
    const page = await consentOf(person, of(answer, moved))
    expect(words(page?.text ?? '')).toContain('elsewhere.example')
    await person.submit(page as Seen, { answer: 'allow' })
    expect(await consentOf(person, of(answer, moved))).toBeUndefined()
  })
  test('another name is no reason to ask', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const person = await allowed(registrar, of(answer))
    await registrar.manage('PUT', answer, update(answer, { client_name: 'Budget 2' }))
    registrar.as.clock.advance(1)
    expect(await consentOf(person, of(answer))).toBeUndefined()
  })
  test('scopes that were allowed to what it was are not allowed to what it became', async () => {
    const registrar = await startRegistrar()
    const answer = await registrar.register()
    const person = await allowed(registrar, { ...of(answer), scope: 'openid email' })
    const moved = 'https://elsewhere.example/cb'
    await registrar.manage('PUT', answer, update(answer, { redirect_uris: [moved] }))
    registrar.as.clock.advance(1)
    await person.submit((await consentOf(person, { ...of(answer, moved), scope: 'openid' })) as Seen, { answer: 'allow' })
    expect(await consentOf(person, { ...of(answer, moved), scope: 'openid email' })).toBeDefined()
  })
  test('a document that names another redirect URI of its origin is asked about anew', async () => {
    const registrar = await startRegistrar({ clientIdMetadataDocuments: { enabled: true } })
    const client_id = 'https://editor.example/client.json'
    const place = (uri: string): void => void registrar.places.put(client_id, { client_id, client_name: 'Editor', redirect_uris: [uri] })
    place('https://editor.example/cb')
    const person = await allowed(registrar, { client_id, redirect_uri: 'https://editor.example/cb' })
    place('https://editor.example/open?to=')
    registrar.as.clock.advance(300)
    expect(await consentOf(person, { client_id, redirect_uri: 'https://editor.example/open?to=' })).toBeDefined()
  })
  test('of a client of the operator a change is not asked about', async () => {
    const registrar = await startRegistrar({}, { clients: [client()] })
    expect(await consentOf(await allowed(registrar, {}), {})).toBeUndefined()
  })
})
