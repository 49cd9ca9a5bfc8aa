import { describe, expect, test } from 'vitest'
import { OutboundRefusal } from '../config/outbound.ts'
import { opened, published, start } from '../test/published.ts'
import { metadata, type Registered, startRegistrar } from '../test/registrar.ts'

const SECTOR = 'https://sector.example/uris.json'
const URIS = ['https://budget.example/cb', 'https://budget.other.example/cb']
const PAIRWISE = metadata({ subject_type: 'pairwise', sector_identifier_uri: SECTOR, redirect_uris: URIS })
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const told = ({ status, body }: Registered): string => `${status} ${String(body['error'] ?? '')}`.trim()

describe('OIDC-57 OIDC-58 OpenID Connect Registration §5: the sector of a client that registers', () => {
  test('OIDC-55 OIDC-57 public is the default; pairwise is of the host of its redirect URIs, and several hosts are refused', async () => {
    const registrar = await startRegistrar()
    expect((await registrar.stored(await registrar.register())).pairwiseSector).toBeUndefined()
    const one = await registrar.register(metadata({ subject_type: 'pairwise' }))
    expect([told(one), one.body['subject_type'], (await registrar.stored(one)).pairwiseSector]).toEqual([
      '201',
      'pairwise',
      'budget.example',
    ])
    expect(told(await registrar.register(metadata({ subject_type: 'pairwise', redirect_uris: URIS })))).toBe('400 invalid_client_metadata')
    expect(registrar.places.asked).toHaveLength(0)
  })

  test('OIDC-58 the list at sector_identifier_uri is fetched, and must have every redirect URI', async () => {
    const registrar = await startRegistrar()
    registrar.places.put(SECTOR, JSON.stringify([...URIS, 'https://third.example/cb']))
    const one = await registrar.register(PAIRWISE)
    expect([told(one), one.body['sector_identifier_uri']]).toEqual(['201', SECTOR])
    expect((await registrar.stored(one)).pairwiseSector).toBe('sector.example')
  })

  test.each([
    ['one of them is missing', JSON.stringify([URIS[0]])],
    ['it is empty', '[]'],
    ['it is no list', JSON.stringify({ redirect_uris: URIS })],
    ['it is a list of other things', JSON.stringify([{ uri: URIS[0] }])],
    ['it is no JSON', 'https://budget.example/cb'],
    ['it cannot be fetched', new OutboundRefusal('timeout', 'late')],
    ['it is somewhere else', { status: 302, headers: { location: 'https://budget.example/' }, body: new Uint8Array() }],
  ])('OIDC-58 refused as invalid_client_metadata when %s, for a public client that names it too', async (_name, placed) => {
    const registrar = await startRegistrar()
    registrar.places.put(SECTOR, placed)
    expect(told(await registrar.register(PAIRWISE))).toBe('400 invalid_client_metadata')
    expect(told(await registrar.register({ ...PAIRWISE, subject_type: 'public' }))).toBe('400 invalid_client_metadata')
    // Asked once in ten seconds, however many come.
    expect(registrar.places.asked.length).toBeLessThanOrEqual(1)
  })

  test('OIDC-58 a redirect URI that was listed a moment ago is found, and the update of a client is held to the list too', async () => {
    const registrar = await startRegistrar()
    registrar.places.put(SECTOR, JSON.stringify([URIS[0]]))
    const one = await registrar.register({ ...PAIRWISE, redirect_uris: [URIS[0]] })
    const body = { ...PAIRWISE, client_id: one.body['client_id'] }
    expect(told(await registrar.manage('PUT', one, body))).toBe('400 invalid_client_metadata')
    registrar.places.put(SECTOR, JSON.stringify(URIS))
    registrar.as.clock.advance(10)
    expect(told(await registrar.manage('PUT', one, body))).toBe('200')
  })

  test('OIDC-58 REG-13 a list in the private network is not fetched', async () => {
    const registrar = await startRegistrar({ open: true }, { outbound: { allow: [] } })
    expect(told(await registrar.register({ ...PAIRWISE, sector_identifier_uri: 'https://127.0.0.1/uris.json' }))).toBe(
      '400 invalid_client_metadata',
    )
  })

  test('OIDC-52 A46 what only an operator may say a machine cannot', async () => {
    const registrar = await startRegistrar()
    const one = await registrar.register(metadata({ request_object_parameters: 'merged' }))
    expect([told(one), one.body['request_object_parameters'], (await registrar.stored(one)).mergesRequestObject]).toEqual([
      '201',
      undefined,
      false,
    ])
  })

  test('OIDC-58 a client at a URL whose sector does not list it is no client', async () => {
    const document = published({ subject_type: 'pairwise', sector_identifier_uri: SECTOR })
    const registrar = await start(document)
    registrar.places.put(SECTOR, JSON.stringify(['https://third.example/cb']))
    expect(await opened(registrar)).toBe(400)
    registrar.places.put(SECTOR, JSON.stringify(['https://app.example/cb']))
    registrar.as.clock.advance(10)
    expect(await opened(registrar)).toBe(303)
  })

  test('OIDC-56 OIDC-58 who gets people without a redirect proves no sector: by the redirect URIs of another it would learn its names', async () => {
    const registrar = await startRegistrar({ open: true, policy: { grantTypes: ['authorization_code', DEVICE] } })
    registrar.places.put(SECTOR, JSON.stringify(URIS))
    const grant_types = ['authorization_code', DEVICE]
    for (const asked of [PAIRWISE, metadata({ subject_type: 'pairwise' })]) {
      const one = await registrar.register({ ...asked, grant_types })
      expect([told(one), one.body['error_description']]).toEqual([
        '400 invalid_client_metadata',
        expect.stringContaining('subject_type') as string,
      ])
      expect(told(await registrar.register({ ...asked, grant_types: ['authorization_code'] }))).toBe('201')
    }
    expect(told(await registrar.register(metadata({ grant_types })))).toBe('201')
  })
})

test('OIDC-56 a document proves the sector of its own host by its place, and no other one', async () => {
  const grant_types = ['authorization_code', DEVICE]
  const policy = { grantTypes: grant_types }
  const own = published({ subject_type: 'pairwise', grant_types })
  expect(await opened(await start(own, {}, policy))).toBe(303)
  const other = await start({ ...own, sector_identifier_uri: SECTOR }, {}, policy)
  other.places.put(SECTOR, JSON.stringify(own['redirect_uris']))
  expect(await opened(other)).toBe(400)
})
