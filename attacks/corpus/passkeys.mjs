import { askedOf, atName, begun, isSignedIn, newPasskey, newPerson, passkeyAnswer, passwordGiven } from '../factors.mjs'

const SERVER = 'packages/server/dist'
const ACCOUNTS = 'packages/accounts/dist'
const PASSKEYS = `${ACCOUNTS}/passkeys.js`
const WEBAUTHN = `${ACCOUNTS}/webauthn.js`
const FACTOR = `${SERVER}/interaction/steps/second-factor.js`
const PASSKEY_STEP = `${SERVER}/interaction/steps/passkey.js`

/** A challenge that is good at every page, for everybody. */
const UNBOUND = {
  file: `${SERVER}/endpoints/interaction-sign-in.js`,
  find: 'return `interaction ${csrfOf(as, found, state)}`',
  put: "return 'interaction'",
}

/** A challenge that is good as often as it comes. */
const UNSPENT = { file: PASSKEY_STEP, find: "(await memory.add(`passkey ${secretHash(challenge)}`, until)) === 'new'", put: 'true' }

/** The line of the check of an assertion: the check of a new passkey has the same one, before it. */
const ofAssertion = (line, put) => ({
  file: WEBAUTHN,
  find: `${line}\n            // No counter here`,
  put: `${put}\n            // No counter here`,
})
const EXPECTED = 'expectedOrigin: origin,\n            expectedRPID: rpId,\n            requireUserVerification: true,'

export const attacks = [
  {
    id: 'A54-passkey',
    title: 'A54: a passkey of somebody else is shown after the password of the victim, or in its name',
    weakening: [
      {
        file: FACTOR,
        find: "return proven === undefined || proven.account.sub !== subject ? 'wrong' : proven;",
        put: "return proven === undefined ? 'wrong' : { ...proven, account: await context.accounts.find(subject) };",
      },
    ],
    others: [
      // The person is whom the answer names, and not whose passkey it is.
      [
        {
          file: PASSKEYS,
          find: 'const { subject, publicKey } = named.value;',
          put: "const { publicKey } = named.value;\n        const subject = assertion.userHandle === undefined ? named.value.subject : Buffer.from(assertion.userHandle, 'base64url').toString();",
        },
        { file: PASSKEYS, find: 'passkey.value.subject !== subject || ', put: '' },
      ],
      // Any key will do for a credential that is known.
      [{ file: WEBAUTHN, find: 'if (!verified)\n', put: 'if (false)\n' }],
    ],
    attack: (world) =>
      atName(world, async () => {
        const victim = await newPerson(world, 'Victim')
        const thief = await newPerson(world, 'Thief', { app: false })
        const own = await newPasskey(world, victim)
        const stolen = await newPasskey(world, thief)
        const userHandle = Buffer.from(victim.sub).toString('base64url')
        const first = await begun(world)
        const inName = passkeyAnswer(first.page, stolen, { knobs: { userHandle } })
        await first.browser.submit(first.page, first.url, inName)
        if (await isSignedIn(world, first.browser, victim)) return { won: true, how: 'the thief signs in by the name in the answer' }

        const forger = await begun(world)
        const forged = passkeyAnswer(forger.page, own, { knobs: { wrongSignature: true } })
        await forger.browser.submit(forger.page, forger.url, forged)
        if (await isSignedIn(world, forger.browser, victim)) return { won: true, how: "a signature by another key than the passkey's" }

        const begin = await begun(world)
        // To the page where everybody may sign in; the password comes after it, at the same page.
        const early = passkeyAnswer(begin.page, stolen)
        const { browser, url, page } = await passwordGiven(world, victim, begin)
        const late = passkeyAnswer(page, stolen, { options: { allowCredentials: [] } })
        for (const [name, fields] of Object.entries({ 'the challenge for the victim': late, 'the challenge for everybody': early })) {
          await browser.submit(page, url, fields)
          if (await isSignedIn(world, browser, victim))
            return { won: true, how: `the thief's passkey answers ${name}, and is the victim's factor` }
        }
        return { won: false, how: 'in its name, by another key, to the challenge for the victim, and for everybody: refused' }
      }),
  },
  {
    id: 'A54-passkey-elsewhere',
    title: 'A54: what a passkey answered to the page of one browser signs in another',
    weakening: [UNBOUND],
    others: [
      // Whatever the form says is the challenge.
      [
        {
          file: PASSKEY_STEP,
          find: 'unseal(key, ticket, context)',
          put: "`${now} ${JSON.parse(Buffer.from(JSON.parse(response).response.clientDataJSON, 'base64url')).challenge}`",
        },
      ],
    ],
    attack: (world) =>
      atName(world, async () => {
        const victim = await newPerson(world, 'Overheard')
        const own = await newPasskey(world, victim, { synced: true })
        const here = await begun(world)
        const overheard = passkeyAnswer(here.page, own)
        const there = await begun(world)
        await there.browser.submit(there.page, there.url, overheard)
        if (await isSignedIn(world, there.browser, victim)) return { won: true, how: 'before its own browser sent it' }
        // With a ticket of the thief's own page.
        const { ticket } = askedOf(there.page)
        await there.browser.submit(there.page, there.url, { ...overheard, passkey_ticket: ticket })
        if (await isSignedIn(world, there.browser, victim)) return { won: true, how: 'with the ticket of another page' }
        await here.browser.submit(here.page, here.url, overheard)
        if (!(await isSignedIn(world, here.browser, victim))) throw new Error('the person cannot sign in')
        return { won: false, how: 'as it was, and with the ticket of the other page: refused' }
      }),
  },
  {
    id: 'A54-passkey-again',
    title: 'A54: what a passkey answered is used a second time',
    // Three stand in the way: the page it was for, the challenge that is spent, and the last one of the passkey itself.
    weakening: [UNBOUND, UNSPENT, { file: PASSKEYS, find: 'before.lastChallenge === lastChallenge || ', put: '' }],
    others: [
      // The challenge of the passkey's last use is not written down.
      [UNBOUND, UNSPENT, { file: PASSKEYS, find: 'usedAt: now, lastChallenge }', put: 'usedAt: now }' }],
    ],
    attack: (world) =>
      atName(world, async () => {
        const victim = await newPerson(world, 'Again')
        const own = await newPasskey(world, victim, { synced: true })
        const here = await begun(world)
        const answer = passkeyAnswer(here.page, own)
        await here.browser.submit(here.page, here.url, answer)
        if (!(await isSignedIn(world, here.browser, victim))) throw new Error('the person cannot sign in')
        const there = await begun(world)
        await there.browser.submit(there.page, there.url, answer)
        const first = await isSignedIn(world, there.browser, victim)
        // As the second factor, after the password.
        const given = await passwordGiven(world, victim)
        await given.browser.submit(given.page, given.url, answer)
        const second = await isSignedIn(world, given.browser, victim)
        return {
          won: first || second,
          how: `at the sign-in: ${first ? 'taken' : 'refused'}; as second factor: ${second ? 'taken' : 'refused'}`,
        }
      }),
  },
  {
    id: 'A54-passkey-site',
    title: 'A54: a passkey answered to a false page, in a frame, without its owner, or is a copy',
    weakening: [ofAssertion(EXPECTED, EXPECTED.replace('origin,', "[origin, 'https://evil.example'],"))],
    others: [
      [{ file: WEBAUTHN, find: 'if (isFramed(clientDataJSON))', put: 'if (false)' }],
      [ofAssertion(EXPECTED, EXPECTED.replace('true', 'false'))],
      [{ file: PASSKEYS, find: '&& counter <= before.counter', put: '&& false' }],
    ],
    attack: (world) =>
      atName(world, async () => {
        const victim = await newPerson(world, 'Phished')
        const own = await newPasskey(world, victim)
        const first = await begun(world)
        await first.browser.submit(first.page, first.url, passkeyAnswer(first.page, own))
        if (!(await isSignedIn(world, first.browser, victim))) throw new Error('the person cannot sign in')
        const ways = {
          'a page of another site': { origin: 'https://evil.example' },
          'a frame in another site': { crossOrigin: true },
          'no word of the owner': { userVerified: false },
          'a copy of its key, used less': { counter: 1 },
        }
        for (const [name, knobs] of Object.entries(ways)) {
          const { browser, url, page } = await begun(world)
          await browser.submit(page, url, passkeyAnswer(page, own, { knobs }))
          if (await isSignedIn(world, browser, victim)) return { won: true, how: name }
        }
        return { won: false, how: `${Object.keys(ways).join(', ')}: refused` }
      }),
  },
]
