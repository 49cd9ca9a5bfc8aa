import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { SoftwareAuthenticator } from './authenticator.ts'

const ORIGIN = 'https://as.example'
const asked = { challenge: 'AAAA', rpId: 'as.example' }
const creation = (id: string): Record<string, unknown> => ({ challenge: 'AAAA', rp: { id: 'as.example' }, user: { id } })
const bytesOf = (response: Readonly<Record<string, unknown>>, member: string): Buffer => Buffer.from(String(response[member]), 'base64url')

describe('a software authenticator', () => {
  test('WebAuthn §6.1: tells the hash of the host, its flags and its counter', () => {
    const authenticator = new SoftwareAuthenticator(ORIGIN)
    const made = authenticator.create(creation('ada'))
    const clientData = JSON.parse(bytesOf(made.response, 'clientDataJSON').toString()) as unknown
    expect(clientData).toEqual({ type: 'webauthn.create', challenge: 'AAAA', origin: ORIGIN, crossOrigin: false })
    const host = createHash('sha256').update('as.example').digest('hex')
    for (const counter of ['00000001', '00000002']) {
      const { id, response } = authenticator.get(asked)
      expect(id).toBe(made.id)
      expect(bytesOf(response, 'authenticatorData').toString('hex')).toBe(`${host}05${counter}`)
      expect(response['userHandle']).toBe('ada')
    }
    const synced = new SoftwareAuthenticator(ORIGIN, { synced: true })
    synced.create(creation('ada'))
    const tail = (knobs?: object): string => bytesOf(synced.get(asked, knobs).response, 'authenticatorData').toString('hex').slice(64)
    expect([tail(), tail(), tail({ userVerified: false }), tail({ counter: 7 })]).toEqual([
      '1d00000000',
      '1d00000000',
      '1900000000',
      '1d00000007',
    ])
  })

  test('refuses what browsers and authenticators refuse', () => {
    const authenticator = new SoftwareAuthenticator(ORIGIN)
    expect(() => authenticator.get(asked)).toThrow('holds none')
    const { id } = authenticator.create(creation('ada'))
    expect(() => authenticator.create({ ...creation('ada'), excludeCredentials: [{ id }] })).toThrow('holds one of them already')
    expect(() => authenticator.get({ ...asked, allowCredentials: [{ id: 'BBBB' }] })).toThrow('holds none')
    expect(() => authenticator.get({ ...asked, rpId: 'other.example' })).toThrow('not the host of the page')
    expect(() => authenticator.create({ ...creation('ada'), rp: { id: 's.example' } })).toThrow('not the host of the page')
    expect(new SoftwareAuthenticator(ORIGIN).create({ ...creation('ada'), rp: { id: 'example' } }).type).toBe('public-key')
  })

  test('WebAuthn §6.3.2: one passkey for each person, the newest first', () => {
    const authenticator = new SoftwareAuthenticator(ORIGIN)
    const [first, second, eve] = ['ada', 'ada', 'eve'].map((id) => authenticator.create(creation(id)).id)
    expect(authenticator.size).toBe(2)
    expect(authenticator.get(asked).id).toBe(eve)
    expect(authenticator.get({ ...asked, allowCredentials: [{ id: first }, { id: second }] }).id).toBe(second)
  })
})
