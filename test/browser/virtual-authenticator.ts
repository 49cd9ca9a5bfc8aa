import { expect, type Page } from '@playwright/test'
import type { Sites, SomePerson } from './sites.ts'

interface VirtualAuthenticator {
  /** Whether its owner agrees to whatever is asked. On a page of the sign-in it then offers itself, and nothing is left to step up from. */
  agrees(to: boolean): Promise<unknown>
  loseAll(): Promise<unknown>
}

/** An authenticator that is built into the device. */
export async function addAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    agrees: (enabled) => devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    loseAll: () => devtools.send('WebAuthn.clearCredentials', { authenticatorId }),
  }
}

/** The person has the browser make a passkey, in an authenticator that agrees to nothing afterwards. */
export async function enrolPasskey(page: Page, { issuer, accounts }: Sites, { username }: SomePerson): Promise<VirtualAuthenticator> {
  const authenticator = await addAuthenticator(page)
  const { hostname, host, origin } = new URL(issuer)
  const place = { rpId: hostname, rpName: host, origin }
  const { sub } = (await accounts.findByUsername?.(username)) ?? { sub: '' }
  const { challenge, options } = await accounts.passkeys.creationOptions(place, sub)
  await page.goto(`${issuer}/.well-known/openid-configuration`)
  const made = await page.evaluate(async (asked) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked as unknown as PublicKeyCredentialCreationOptionsJSON)
    return JSON.stringify(await navigator.credentials.create({ publicKey }))
  }, options)
  expect(await accounts.passkeys.add(place, sub, challenge, made, 'Laptop', Math.floor(Date.now() / 1000))).toBe('added')
  await authenticator.agrees(false)
  return authenticator
}
