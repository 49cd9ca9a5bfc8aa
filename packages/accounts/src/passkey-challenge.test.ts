import { expect, test } from 'vitest'
import { type ChallengePurpose, isChallengeFor, newChallenge } from './passkey-challenge.ts'

const purposes: readonly ChallengePurpose[] = [
  { ceremony: 'get', rpId: 'as.example' },
  { ceremony: 'get', rpId: 'as.example', subject: 'u_dana' },
  { ceremony: 'get', rpId: 'as.example', subject: '' },
  { ceremony: 'create', rpId: 'as.example', subject: 'u_dana' },
  { ceremony: 'create', rpId: 'as.example', subject: 'u_eve' },
  { ceremony: 'create', rpId: 'example', subject: 'u_dana' },
]

test('A54: a challenge is for what it was made for and for nothing else', () => {
  for (const made of purposes) expect(purposes.filter((purpose) => isChallengeFor(newChallenge(made), purpose))).toEqual([made])
})

test('a part of one is none, nor are parts of two, nor another spelling', () => {
  const [purpose = { ceremony: 'get', rpId: '' }] = purposes
  const [one, other] = [newChallenge(purpose), newChallenge(purpose)]
  expect(one.slice(43)).not.toBe(other.slice(43))
  for (const wrong of ['', one.slice(0, 43), one.slice(0, 43) + other.slice(43), `${one}=`, `${one}AAAA`, ` ${one}`])
    expect(isChallengeFor(wrong, purpose), wrong).toBe(false)
})
