import { begun, MFA, newPerson, passwordGiven, whenAsked } from '../factors.mjs'
import { Browser } from '../thief.mjs'
import { authorizeUrl, through } from '../world.mjs'

const SERVER = 'packages/server/dist'
const SESSION = `${SERVER}/sessions/session.js`
const NEXT = `${SERVER}/interaction/next-step.js`
const DAY = 86_400

const lasting = (sessionIdle, sessionAbsolute) => (written) => ({
  ...written,
  lifetimes: { ...written.lifetimes, sessionIdle, sessionAbsolute },
})

/** What a client is told of the browser, when nobody may be asked. */
async function silently(world, browser, over) {
  const { location } = await browser.go(authorizeUrl(world, { prompt: 'none', ...over }))
  return new URL(location).searchParams.get('error') ?? 'a code'
}

/** With consent_required somebody is there, and nothing but the consent is missing. */
const isThere = (told) => told === 'a code' || told === 'consent_required'

/** Where the browser is somebody still; empty: nowhere. */
async function openTo(world, browser, over = {}) {
  const places = isThere(await silently(world, browser, over)) ? ['prompt=none'] : []
  for (const path of ['/device', '/approve']) if ((await browser.go(`${world.issuer}${path}`)).status === 200) places.push(path)
  if ((await browser.go(`${world.issuer}/sign-in/device`)).location === `${world.issuer}/device`) places.push('/sign-in/device')
  return places
}

async function signedIn(world, person) {
  const browser = new Browser()
  await through(world, authorizeUrl(world), browser, person.username)
  return browser
}

export const attacks = [
  {
    id: 'A36-lifetimes',
    title: 'CVE-2025-11429: sessions that began under longer lifetimes stay, after the operator shortened them',
    // By what was written down when the session began.
    weakening: [
      {
        file: SESSION,
        find: 'return this.#endOf(value) > now;',
        put: 'return value.subject === undefined || now < value.createdAt + 86_400;',
      },
    ],
    others: [
      [{ file: SESSION, find: 'createdAt + this.#lifetimes.sessionAbsolute', put: 'createdAt + 86_400' }],
      [{ file: SESSION, find: 'seenAt + this.#lifetimes.sessionIdle', put: 'seenAt + 86_400' }],
      [{ file: SESSION, find: 'return this.isAlive(session, now) ? session : undefined', put: 'return session' }],
    ],
    async attack(world) {
      const long = lasting(3600, 60 * DAY)
      const cases = {
        // In use all the time: nothing but the whole lifetime ends it.
        'the whole lifetime': { change: lasting(300, 300), later: 301, seen: 299 },
        'the time without being seen': { change: lasting(60, 30 * DAY), later: 61 },
      }
      try {
        for (const [name, { change, later, seen }] of Object.entries(cases)) {
          await world.restart(long)
          const person = await newPerson(world, 'Lasting', { app: false })
          const browser = await signedIn(world, person)
          if (seen !== undefined) {
            await world.restart(long, seen)
            await through(world, authorizeUrl(world), browser, person.username)
          }
          await world.restart(change, later)
          const places = await openTo(world, browser)
          if (places.length > 0) return { won: true, how: `${name}: ${places.join(', ')}` }
        }
        return { won: false, how: `${Object.keys(cases).join(', and ')}: over, at four places` }
      } finally {
        await world.restart()
      }
    },
  },
  {
    id: 'A36-factors',
    title: 'CVE-2025-11429: sessions that began before the operator asked for more stay as good as they were',
    weakening: [{ file: NEXT, find: 'policy.enough(account, amr) && ', put: '' }],
    others: [
      [{ file: `${SERVER}/endpoints/person.js`, find: ' && as.authentication.enough(person.account, person.session.value.amr)', put: '' }],
      // What a level takes is not asked for again.
      [{ file: NEXT, find: 'return person !== undefined && !policy.satisfied(person.session.value.amr, asked.acrs)', put: 'return false' }],
    ],
    async attack(world) {
      try {
        await world.restart(whenAsked)
        const person = await newPerson(world, 'Policy')
        const browser = await signedIn(world, person)
        const stepped = new Browser()
        const given = await passwordGiven(world, person, await begun(world, { browser: stepped }))
        const { url, page } = await begun(world, { browser: stepped, over: { acr_values: MFA } })
        await stepped.submit(page, url, { code: person.code() })
        const before = [await openTo(world, browser), await openTo(world, stepped, { acr_values: MFA })]
        if (given.page.status !== 200 || before.some((places) => places.length < 4)) throw new Error('the sessions are not good before')

        await world.restart()
        const places = await openTo(world, browser)
        if (places.length > 0) return { won: true, how: `without the second factor that is always asked for: ${places.join(', ')}` }

        await world.restart((written) => ({ ...whenAsked(written), authenticationLevels: [{ acr: MFA, methods: ['phr'] }] }))
        const level = await silently(world, stepped, { acr_values: MFA })
        const won = isThere(level)
        return { won, how: `without the factor that is always asked for: nothing; for a level that takes a passkey now: ${level}` }
      } finally {
        await world.restart()
      }
    },
  },
]
