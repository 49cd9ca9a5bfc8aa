import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { askedOf, atName, newPerson, whenAsked } from '../factors.mjs'
import { Browser } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const REQUEST = `${SERVER}/endpoints/account-request.js`

async function signedIn(world, person) {
  const browser = new Browser()
  await through(world, authorizeUrl(world), browser, person.username)
  return browser
}

const passkeysOf = (world, { sub }) => world.operate(({ accounts }) => accounts.passkeys.list(sub))

/** The form that the page's script sends, with a passkey that was made for that page. */
function newPasskeyAt(world, page) {
  const { options, ticket } = askedOf(page)
  const made = new SoftwareAuthenticator(world.issuer).create(options)
  return { passkey: JSON.stringify(made), passkey_ticket: ticket, passkey_name: 'Key' }
}

export const attacks = [
  {
    id: 'A54-enrolment',
    title: 'CVE-2026-37982: a passkey that was made at the page of one person is added to another, or a second time',
    weakening: [
      {
        file: `${SERVER}/endpoints/account-passkey.js`,
        find: 'return `account ${session.id} ${account.sub}`',
        put: "return 'account'",
      },
      {
        file: 'packages/accounts/dist/passkeys.js',
        find: "|| !isChallengeFor(challenge, { ceremony: 'create', rpId: place.rpId, subject })",
        put: '',
      },
    ],
    others: [
      // The challenge is good as often as it comes.
      [
        {
          file: `${SERVER}/interaction/steps/passkey.js`,
          find: "(await memory.add(`passkey ${secretHash(challenge)}`, until)) === 'new'",
          put: 'true',
        },
      ],
    ],
    attack: (world) =>
      atName(world, async () => {
        const url = `${world.issuer}/account/passkey`
        const victim = await newPerson(world, 'Enrolling', { app: false })
        const thief = await newPerson(world, 'Thief', { app: false })
        const browser = await signedIn(world, victim)
        const page = await browser.go(url)
        const foreign = newPasskeyAt(world, await (await signedIn(world, thief)).go(url))
        await browser.submit(page, url, foreign)
        if ((await passkeysOf(world, victim)).length > 0) return { won: true, how: "the thief's passkey is one of the victim" }
        // With the ticket of the right page.
        await browser.submit(page, url, { ...foreign, passkey_ticket: askedOf(page).ticket })
        if ((await passkeysOf(world, victim)).length > 0) return { won: true, how: 'with the ticket of another page' }

        const open = await browser.go(url)
        const own = newPasskeyAt(world, open)
        await browser.submit(open, url, own)
        const [added] = await passkeysOf(world, victim)
        if (added === undefined) throw new Error('no passkey can be added')
        await world.operate(({ accounts }) => accounts.passkeys.remove(victim.sub, added.id))
        await browser.submit(open, url, own)
        const won = (await passkeysOf(world, victim)).length > 0
        return { won, how: won ? 'one that was removed came back' : "the thief's, with either ticket, and one that was removed: refused" }
      }),
  },
  {
    id: 'A54-enrolling',
    title: 'CVE-2026-37982: whoever finds a session open adds a passkey of their own, or takes the second factor away',
    // Hours after the sign-in.
    weakening: [{ file: REQUEST, find: ' && !tooOld({ maxAge: FRESH }, value.authTime ?? 0, as.clock.now())', put: '' }],
    others: [
      // With the password alone, where that is enough to sign in.
      [{ file: REQUEST, find: 'as.authentication.complete(account, value.amr) && ', put: '' }],
      // The page is not shown, and its form is taken.
      [{ file: REQUEST, find: "'status' in read || mayChange(as, read.person) ?", put: 'true ?' }],
    ],
    attack: (world) =>
      atName(
        world,
        async () => {
          const { issuer } = world
          const late = await newPerson(world, 'Late', { app: false })
          const half = await newPerson(world, 'Half', { app: true })
          const found = { 'by the password alone': [half, await signedIn(world, half)] }
          const session = await signedIn(world, late)
          // A page that was opened in time: what it holds is good for longer than the sign-in is fresh.
          const early = await session.go(`${issuer}/account/factors`)
          if (early.status !== 200) throw new Error('nobody can change anything')
          const tried = async (name, person, browser, page) => {
            const shown = await browser.go(`${issuer}/account/passkey`)
            if (shown.status === 200) return `${name}: the page is shown`
            const form = page ?? (await browser.go(`${issuer}/account`))
            for (const fields of [{ answer: 'begin-app' }, { answer: 'remove-app', sure: 'yes' }]) {
              const { location } = await browser.submit(form, `${issuer}/account/factors`, fields)
              if (location?.startsWith(`${issuer}/account`)) return `${name}: ${fields.answer} was taken`
            }
            const kept = await world.operate(({ accounts }) => accounts.find(person.sub))
            return person === half && kept.secondFactors === undefined ? `${name}: the factor is gone` : undefined
          }
          for (const [name, [person, browser]] of Object.entries(found)) {
            const won = await tried(name, person, browser)
            if (won !== undefined) return { won: true, how: won }
          }
          await world.restart((written) => whenAsked({ ...written, issuer }), 601)
          const won = await tried('after ten minutes', late, session, early)
          return { won: won !== undefined, how: won ?? 'by the password alone, and after ten minutes: nothing shown, nothing taken' }
        },
        whenAsked,
      ),
  },
]
